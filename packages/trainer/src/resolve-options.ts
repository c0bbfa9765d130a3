/** From what the caller gives to a complete, validated configuration, before anything is written or computed. */
import { resolve } from "node:path";
import { OptionError } from "./errors.js";
import { expectLossScale } from "./loss-scale.js";
import { newRun } from "./new-run-options.js";
import { expectNumbers, NUMERIC_OPTIONS } from "./numeric-options.js";
import { OPTIMIZERS } from "./optimizer-place.js";
import type { TrainOptions } from "./options.js";
import type { LoadedModel } from "./resolve-definition.js";
import { resumeRun } from "./resume-options.js";
import type { ResolvedRun } from "./run-config.js";
import { SCHEDULES } from "./schedule.js";

const CHOICES = {
  pipeline: ["dynamic", "static"],
  kernels: ["handwritten", "derived"],
  device: ["auto", "cpu", "ane"],
  numerics: ["fp16", "fp32"],
  precision: ["fp32", "bf16"],
  optimizer: OPTIMIZERS,
  compactVocab: [true, false],
  schedule: SCHEDULES,
} as const;

const PATHS = [
  "model",
  "init",
  "data",
  "validation",
  "out",
  "resume",
  "runsDirectory",
  "tokenizer",
] as const;

/**
 * @param loaded What the module defines that the options name, or the resumed run.
 * @throws OptionError naming the option and its value; nothing has been written then.
 */
export function resolveOptions(options: TrainOptions, loaded?: LoadedModel): ResolvedRun {
  expectKnownOptions(options);
  expectNumbers(options);
  expectLossScale(options);
  expectPrompts(options);
  const { out, resume } = options;
  if (resume !== undefined && out !== undefined && resolve(out) !== resolve(resume)) {
    throw new OptionError(
      "out",
      `must be the resumed folder or not given, got ${out}. A resumed run stays.`,
    );
  }
  return resume === undefined
    ? newRun(options, loaded)
    : resumeRun(options, resolve(resume), loaded);
}

function expectPrompts({ samplePrompts }: TrainOptions): void {
  const prompts: unknown = samplePrompts ?? [""];
  if (
    Array.isArray(prompts) &&
    prompts.length > 0 &&
    prompts.every((prompt) => typeof prompt === "string")
  )
    return;
  throw new OptionError(
    "samplePrompts",
    `must be a list of texts, got ${JSON.stringify(prompts)}. Leave it out for one of the program's own.`,
  );
}

function expectKnownOptions(options: TrainOptions): void {
  const known = new Set<string>([
    ...NUMERIC_OPTIONS,
    ...Object.keys(CHOICES),
    ...PATHS,
    "seq",
    "lossScale",
    "samplePrompts",
    "signal",
  ]);
  for (const name of Object.keys(options)) {
    if (!known.has(name)) {
      throw new OptionError(
        name,
        `must be one of ${[...known].join(", ")}, got "${name}". Correct the name.`,
      );
    }
  }
  for (const [name, allowed] of Object.entries(CHOICES)) {
    const value = options[name as keyof typeof CHOICES];
    if (value !== undefined && !(allowed as readonly unknown[]).includes(value)) {
      throw new OptionError(
        name,
        `must be one of ${allowed.join(", ")}, got ${String(value)}. Choose one of them.`,
      );
    }
  }
  for (const name of PATHS) {
    const value: unknown = options[name];
    if (value !== undefined && (typeof value !== "string" || value === "")) {
      throw new OptionError(name, `must be a non-empty text, got ${String(value)}. Correct it.`);
    }
  }
}
