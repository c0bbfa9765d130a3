/** What training a model would take on a chip: memory, counts and predicted time of a micro-step, by the calibrated cost model. */
import { parameterLayout } from "@ane/llama-model";
import { OptionError } from "../errors.js";
import type { PipelineName, StepCounts } from "../events.js";
import { DEFAULT_KERNELS, resolveSequence } from "../new-run-options.js";
import { expectKernels } from "../option-rules.js";
import { DEFAULT_MODEL, namedModel } from "../resolve-model.js";
import type { KernelSource } from "../run-config.js";
import { type Calibration, calibrateCostModel } from "./calibrate-cost-model.js";
import { compilationsPerUpdate } from "./compilation-time.js";
import { ourStructure } from "./our-pipelines.js";
import { type PlannedMemory, planMemory } from "./plan-memory.js";
import { plannedMachine, THIS_MACHINE } from "./planned-machine.js";
import { publishedStructure } from "./published-pipelines.js";
import { structureCounts } from "./step-structure.js";
import { CONVERTED, priceStep } from "./step-time.js";

/** Per parameter of an update: the norm reads g; AdamW reads p, g, m, v and writes p, m, v. fp32. */
const OPTIMIZER_BYTES = 8 * 4;

export interface PlanOptions {
  /** A preset or the path of a JSON configuration. */
  readonly model?: string;
  /** Such as "m4-max", or "cpu" for the cpu device of this machine, whose rates are measured. */
  readonly chip: string;
  readonly pipeline?: PipelineName;
  /** Default: those that a run takes. */
  readonly kernels?: KernelSource;
  /** Tokens of a micro-step. Default: the model's. */
  readonly seq?: number;
  /** Classes of the loss, as with a compact vocabulary. Default: the vocabulary. */
  readonly classes?: number;
  /** Micro-steps of an update. */
  readonly accum?: number;
}

/** Parts of a micro-step, milliseconds. Those of an update are divided by its micro-steps. */
export interface PlannedTime {
  readonly deviceCompute: number;
  readonly dispatch: number;
  readonly conversion: number;
  readonly copies: number;
  readonly elementwise: number;
  readonly classifier: number;
  readonly loss: number;
  /** What the step waits for; the rest is behind the backward pass. */
  readonly weightGradients: number;
  readonly optimizer: number;
  readonly staging: number;
  readonly compilation: number;
}

export interface TrainingPlan {
  readonly model: string;
  readonly parameters: number;
  readonly chip: string;
  readonly pipeline: PipelineName;
  readonly kernels: KernelSource;
  readonly seq: number;
  readonly classes: number;
  readonly accum: number;
  readonly memory: PlannedMemory;
  readonly counts: StepCounts;
  readonly time: PlannedTime;
  /** All parts but those of the update. */
  readonly microStepMs: number;
  /** All parts. */
  readonly totalMs: number;
  /** All of the weight gradients' own time, most of it beside the device. */
  readonly weightGradientMs: number;
  /** Before the first step. */
  readonly firstCompilationMs: number;
  readonly tokensPerSecond: number;
  /** Micro-steps of maderix/ANE's pipelines with the same classes by the same model; none for the cpu device. */
  readonly publishedMs?: Readonly<Record<"static" | "dynamic", number>>;
}

/** @throws OptionError for an unknown model or chip, more classes than tokens, or a model that the pipeline has no kernels for */
export function planTraining(
  options: PlanOptions,
  { coefficients }: Calibration = calibrateCostModel({ detailed: false }),
): TrainingPlan {
  const { pipeline = "dynamic", kernels = DEFAULT_KERNELS, accum = 10 } = options;
  const model = namedModel(options.model ?? DEFAULT_MODEL);
  const S = resolveSequence(options.seq, model.seqLen);
  const C = options.classes ?? model.vocabSize;
  if (C > model.vocabSize) {
    throw new OptionError(
      "classes",
      `must be at most the vocabulary, ${model.vocabSize}, got ${C}. Give the token ids that occur in the text, or nothing.`,
    );
  }
  expectKernels(model, S, "fp16", pipeline);
  const structure = ourStructure(pipeline, model, S, C, kernels);
  const { name, rates, compileMsPerKernel, optimizerBytes } = plannedMachine(
    options.chip,
    coefficients,
  );
  const step = priceStep(structure, rates);
  const { forward, backward } = step;
  const { total } = parameterLayout(model);
  const time: PlannedTime = {
    deviceCompute: forward.compute + backward.compute,
    dispatch: forward.dispatch + backward.dispatch,
    conversion: forward.conversion + backward.conversion,
    copies: forward.copies + backward.copies,
    elementwise: forward.passes + backward.passes,
    classifier: 2 * step.classifierProduct,
    loss: step.loss,
    weightGradients: step.exposed,
    optimizer: (1e3 * OPTIMIZER_BYTES * total) / optimizerBytes / accum,
    staging: (1e3 * CONVERTED * structure.stagedBytes) / rates.conversionBytes / accum,
    compilation: (compilationsPerUpdate(structure) * compileMsPerKernel) / accum,
  };
  const publishedMs = (published: "static" | "dynamic") =>
    priceStep(publishedStructure(published, model, S, C), rates).step;
  const totalMs = Object.values<number>({ ...time }).reduce((sum, ms) => sum + ms, 0);
  return {
    model: model.name,
    parameters: total,
    chip: name,
    pipeline,
    kernels,
    seq: S,
    classes: C,
    accum,
    memory: planMemory(model, S, C, structure),
    counts: structureCounts(structure),
    time,
    microStepMs: step.step,
    totalMs,
    weightGradientMs: step.gradients,
    firstCompilationMs: structure.compilations.first * compileMsPerKernel,
    tokensPerSecond: (1e3 * S) / totalMs,
    ...(name === THIS_MACHINE
      ? {}
      : { publishedMs: { static: publishedMs("static"), dynamic: publishedMs("dynamic") } }),
  };
}
