/** The configuration of a new run: every option's value or default, the files identified by their content. */
import { join, resolve } from "node:path";
import { OptionError } from "./errors.js";
import { identifyInit } from "./init-file.js";
import { identifyTokens, storedPath } from "./input-files.js";
import { NUMERIC_OPTIONS, resolveNumber } from "./numeric-options.js";
import {
  expectBudget,
  expectCpuForFp32,
  expectKernels,
  expectNoRun,
  expectPrecision,
} from "./option-rules.js";
import type { TrainOptions } from "./options.js";
import { resolveModel } from "./resolve-model.js";
import type { Execution, Recipe, ResolvedRun, RunConfig } from "./run-config.js";

/** @throws OptionError */
export function newRun(options: TrainOptions): ResolvedRun {
  if (options.out !== undefined) expectNoRun(resolve(options.out));
  const config = resolveNewConfig(options);
  return { directory: newDirectory(options, config.recipe.model.name), config, resumed: false };
}

function resolveNewConfig(options: TrainOptions): RunConfig {
  const { pipeline = "dynamic", numerics = "fp16", device = "auto" } = options;
  const { compactVocab = false, precision = "fp32" } = options;
  const number = Object.fromEntries(
    NUMERIC_OPTIONS.map((name) => [name, resolveNumber(options, name)]),
  ) as Record<(typeof NUMERIC_OPTIONS)[number], number>;
  const initPath = options.init === undefined ? null : resolve(options.init);
  const model = resolveModel(options.model, initPath ?? undefined);
  const seq = resolveSequence(options.seq, model.seqLen);
  expectCpuForFp32(numerics, device);
  expectPrecision(precision);
  expectBudget(number.compileBudget, pipeline, model.layers);
  expectKernels(model, seq, numerics, pipeline);

  const dataPath = storedPath(options.data);
  const data = identifyTokens("data", dataPath, model, seq);
  const validationPath = defaultValidation(options);
  if (validationPath !== null) identifyTokens("validation", validationPath, model, seq);

  const { lr, accum, beta1, beta2, epsilon, weightDecay, clip, lossScale, seed } = number;
  const recipe: Recipe = {
    model,
    pipeline,
    numerics,
    precision,
    init: initPath === null ? null : { sha256: identifyInit(initPath) },
    data,
    seq,
    compactVocab,
    accum,
    lr,
    beta1,
    beta2,
    epsilon,
    weightDecay,
    clip,
    lossScale,
    seed,
  };
  const { steps, compileBudget, saveEvery } = number;
  const execution: Execution = {
    device,
    steps,
    compileBudget,
    saveEvery,
    dataPath,
    validationPath,
    initPath,
  };
  return { version: 1, recipe, execution };
}

/** Without a file of its own, a run is evaluated only where it trains on the embedded data. */
function defaultValidation({ data, validation }: TrainOptions): string | null {
  return validation === undefined && data !== undefined ? null : storedPath(validation);
}

function newDirectory(options: TrainOptions, model: string): string {
  const time = new Date().toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  const parent = options.runsDirectory ?? "runs";
  const directory = resolve(options.out ?? join(parent, `${model}-${time}`));
  expectNoRun(directory);
  return directory;
}

/** Models of long contexts are still trained on windows of this length unless asked otherwise. */
const LONGEST_DEFAULT = 1024;

function resolveSequence(given: number | undefined, ofModel: number): number {
  const seq: unknown = given ?? Math.min(ofModel, LONGEST_DEFAULT);
  if (typeof seq === "number" && Number.isSafeInteger(seq) && seq > 0 && seq % 32 === 0) return seq;
  throw new OptionError(
    "seq",
    `must be a positive multiple of 32, got ${String(seq)}${given === undefined ? " (the model's)" : ""}. A row of a surface fills whole 64-byte lines.`,
  );
}
