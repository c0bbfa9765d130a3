/** Loss and gradients of one example, as training computes them: for comparing a model with another framework's. */
import { openDevice } from "@ane/ane-runtime";
import { drawParameters } from "../draw-parameters.js";
import type { PipelineName } from "../events.js";
import { arenaLayout } from "../model-record.js";
import type { Inputs, Tokens } from "../pipeline.js";
import { RunState } from "../run-state.js";
import { ownMemory } from "../state-memory.js";
import { StepClock } from "../step-clock.js";
import type { ModelDefinition } from "./define-model.js";
import { DefinedPipeline } from "./defined-pipeline.js";

export interface ModelGradientsOptions {
  /** Token ids [S], or the numbers of the images. */
  readonly inputs: Inputs;
  /** [S] the next tokens, or a label for each image. */
  readonly targets: Tokens;
  /** Writes the parameters, which lie in the order of `definition.record.parameters`. Default: as a run with seed 42 begins. */
  readonly fill?: (parameters: Float32Array) => void;
  /** Default "fp32". */
  readonly numerics?: "fp16" | "fp32";
  /** Default "static". */
  readonly pipeline?: PipelineName;
  /** Default 1. */
  readonly lossScale?: number;
}

export interface ModelGradients {
  /** Mean, nats per target. */
  readonly loss: number;
  /** By the parameter's name, such as "layers.0.attention.wq". */
  readonly gradients: Readonly<Record<string, Float32Array>>;
}

/** Computes them on the cpu device. @throws OptionError where the kernels of a layer cannot be derived */
export function modelGradients(
  definition: ModelDefinition,
  { inputs, targets, fill, ...options }: ModelGradientsOptions,
): ModelGradients {
  const { numerics = "fp32", pipeline: name = "static", lossScale = 1 } = options;
  const { record } = definition;
  const { total, entries } = arenaLayout(record);
  const state = new RunState(ownMemory(RunState.bytes(total)), total);
  if (fill) fill(state.parameters);
  else drawParameters(record, state.parameters, 42);
  using device = openDevice("cpu", { numerics, compileBudget: 0 });
  const recipe = { pipeline: name, numerics, precision: "fp32", zLoss: 0, lossScale } as const;
  using pipeline = new DefinedPipeline(definition, device, recipe, state);
  pipeline.prepare();
  const loss = pipeline.microStep(inputs, targets, new StepClock(), false);
  const gradients = entries.map(({ name: parameter, offset, length }) => [
    parameter,
    state.gradients.slice(offset, offset + length).map((value) => value / lossScale),
  ]);
  return { loss, gradients: Object.fromEntries(gradients) };
}
