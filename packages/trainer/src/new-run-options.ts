/** The configuration of a new run: every option's value or default, the files identified by their content. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { identifyData } from "./data-identity.js";
import { OptionError } from "./errors.js";
import { identifyInit } from "./init-file.js";
import { storedPath } from "./input-files.js";
import { DEFAULT_LOSS_SCALE } from "./loss-scale.js";
import { resolveDefined } from "./new-defined-options.js";
import { type DefaultedOption, numberOf } from "./numeric-options.js";
import {
  expectBudget,
  expectCpuForFp32,
  expectEvaluation,
  expectKernels,
  expectNoRun,
  expectPrecision,
} from "./option-rules.js";
import type { TrainOptions } from "./options.js";
import type { LoadedModel } from "./resolve-definition.js";
import { resolveModel } from "./resolve-model.js";
import type { Execution, KernelSource, Recipe, ResolvedRun, RunConfig } from "./run-config.js";
import { defaultSteps, givenSteps, resolveAccum } from "./run-length.js";
import { resolveSamples } from "./sample-options.js";
import { resolveSchedule } from "./schedule-options.js";

/** @throws OptionError */
export function newRun(options: TrainOptions, loaded?: LoadedModel): ResolvedRun {
  if (options.out !== undefined) expectNoRun(resolve(options.out));
  const config = resolveNewConfig(options, loaded);
  return { directory: newDirectory(options, config.recipe.model.name), config, resumed: false };
}

function resolveNewConfig(options: TrainOptions, loaded: LoadedModel | undefined): RunConfig {
  const { numerics = "fp16", device = "auto" } = options;
  const { compactVocab = false, precision = "fp32", optimizer = "cpu" } = options;
  const number = (name: DefaultedOption) => numberOf(options, name);
  const initPath = options.init === undefined ? null : resolve(options.init);
  expectCpuForFp32(numerics, device);
  expectPrecision(precision);
  const { model, seq, pipeline } = loaded
    ? resolveDefined(options, loaded)
    : resolveLlama(options, initPath ?? undefined);

  const dataPath = storedPath(options.data);
  const data = identifyData("data", dataPath, model, seq);
  const validationPath = defaultValidation(options);
  const evalEvery = number("evalEvery");
  expectEvaluation({ validationPath, evalEvery }, options.evalWindows, model, seq);
  const samples = resolveSamples(options, model, loaded?.definition);

  const accum = resolveAccum(options, seq);
  const minutes = number("minutes");
  const steps =
    givenSteps(options, { seq, accum, dataTokens: data.tokens }) ?? defaultSteps(minutes);
  const [lr, warmup] = [number("lr"), number("warmup")];
  const recipe: Recipe = {
    model,
    pipeline,
    ...(loaded ? {} : { kernels: options.kernels ?? DEFAULT_KERNELS }),
    numerics,
    precision,
    optimizer,
    init: initPath === null ? null : { sha256: identifyInit(initPath) },
    data,
    seq,
    compactVocab,
    accum,
    lr,
    ...resolveSchedule(options, { lr, warmup, accum, steps }),
    beta1: number("beta1"),
    beta2: number("beta2"),
    epsilon: number("epsilon"),
    weightDecay: number("weightDecay"),
    clip: number("clip"),
    lossScale: options.lossScale ?? DEFAULT_LOSS_SCALE,
    zLoss: number("zLoss"),
    seed: number("seed"),
  };
  const execution: Execution = {
    device,
    steps,
    minutes,
    compileBudget: number("compileBudget"),
    saveEvery: number("saveEvery"),
    keep: number("keep"),
    evalEvery,
    evalWindows: number("evalWindows"),
    dataPath,
    validationPath,
    initPath,
    ...(loaded && { modelPath: loaded.path }),
    ...samples,
  };
  return { version: 1, recipe, execution };
}

/** What a run of a Llama takes unless it is asked otherwise; docs/derive.md says why. */
export const DEFAULT_KERNELS: KernelSource = "derived";

/** @throws OptionError */
function resolveLlama(options: TrainOptions, initPath: string | undefined) {
  const { pipeline = "dynamic", numerics = "fp16", optimizer = "cpu" } = options;
  const named = resolveModel(options.model, initPath);
  const model = { ...named, logitSoftcap: options.softcap ?? named.logitSoftcap };
  const seq = resolveSequence(options.seq, model.seqLen);
  expectKernels(model, seq, numerics, pipeline);
  const { kernels = DEFAULT_KERNELS } = options;
  expectBudget(
    numberOf(options, "compileBudget"),
    { model, pipeline, kernels, optimizer },
    model.layers,
  );
  return { model, seq, pipeline };
}

/** Without a file of its own, a run is evaluated only where it trains on the embedded data. */
function defaultValidation({ data, validation }: TrainOptions): string | null {
  return validation === undefined && data !== undefined ? null : storedPath(validation);
}

function newDirectory(options: TrainOptions, model: string): string {
  if (options.out !== undefined) return resolve(options.out);
  const time = new Date().toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  const directory = resolve(options.runsDirectory ?? "runs", `${model}-${time}`);
  // Two runs may begin in one second, and a clock may be set back.
  let free = directory;
  for (let n = 2; existsSync(free); n++) free = `${directory}-${n}`;
  return free;
}

/** Models of long contexts are still trained on windows of this length unless asked otherwise. */
const LONGEST_DEFAULT = 1024;

export function resolveSequence(given: number | undefined, ofModel: number): number {
  const seq: unknown = given ?? Math.min(ofModel, LONGEST_DEFAULT);
  if (typeof seq === "number" && Number.isSafeInteger(seq) && seq > 0 && seq % 32 === 0) return seq;
  throw new OptionError(
    "seq",
    `must be a positive multiple of 32, got ${String(seq)}${given === undefined ? " (the model's)" : ""}. A row of a surface fills whole 64-byte lines.`,
  );
}
