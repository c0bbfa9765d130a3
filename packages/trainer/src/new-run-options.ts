/** The configuration of a new run: every option's value or default, the files identified by their content. */
import { join, resolve } from "node:path";
import { OptionError } from "./errors.js";
import { fileDigest } from "./file-digest.js";
import { identifyTokens, storedPath } from "./input-files.js";
import { NUMERIC_OPTIONS, resolveNumber } from "./numeric-options.js";
import {
  expectBudgetForLayers,
  expectCpuForFp32,
  expectKernels,
  expectNoRun,
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
  const { pipeline = "static", numerics = "fp16", device = "auto" } = options;
  const number = Object.fromEntries(
    NUMERIC_OPTIONS.map((name) => [name, resolveNumber(options, name)]),
  ) as Record<(typeof NUMERIC_OPTIONS)[number], number>;
  const initPath = options.init === undefined ? null : resolve(options.init);
  const model = resolveModel(options.model, initPath ?? undefined);
  const seq = resolveSequence(options.seq, model.seqLen);
  expectCpuForFp32(numerics, device);
  expectBudgetForLayers(number.compileBudget, model.layers);
  expectKernels(model, seq, numerics);

  const dataPath = storedPath(options.data);
  const data = identifyTokens("data", dataPath, model, seq);
  const validationPath = defaultValidation(options);
  if (validationPath !== null) identifyTokens("validation", validationPath, model, seq);

  const { lr, accum, beta1, beta2, epsilon, weightDecay, clip, lossScale, seed } = number;
  const recipe: Recipe = {
    model,
    pipeline,
    numerics,
    init: initPath === null ? null : { sha256: fileDigest(initPath) },
    data,
    seq,
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

function resolveSequence(given: number | undefined, ofModel: number): number {
  const seq: unknown = given ?? ofModel;
  if (typeof seq === "number" && Number.isSafeInteger(seq) && seq > 0 && seq % 32 === 0) return seq;
  throw new OptionError(
    "seq",
    `must be a positive multiple of 32, got ${String(seq)}${given === undefined ? " (the model's)" : ""}. A row of a surface fills whole 64-byte lines.`,
  );
}
