/** What a pipeline's counters say of one micro-step of a model whose gains are 1 and everything else 0. */
import type { Device } from "@ane/ane-runtime";
import { type LlamaConfig, Parameters, parameterLayout } from "@ane/llama-model";
import type { PipelineName } from "../../src/events.js";
import { openPipeline } from "../../src/open-pipeline.js";
import type { KernelSource, LlamaRecipe } from "../../src/run-config.js";
import { StepClock } from "../../src/step-clock.js";
import { newState } from "./new-state.js";

export function countMicroStep(
  device: Device,
  pipelineName: PipelineName,
  model: LlamaConfig,
  kernels: KernelSource = "handwritten",
) {
  const S = model.seqLen;
  const recipe = {
    model,
    pipeline: pipelineName,
    kernels,
    seq: S,
    numerics: "fp16",
    lossScale: 1,
  } as LlamaRecipe;
  const state = newState(parameterLayout(model).total);
  const parameters = new Parameters(model, state.parameters);
  for (const { name, decay } of parameters.layout.entries) {
    if (!decay) parameters.view(name).fill(1);
  }
  using pipeline = openPipeline(device, recipe, state);
  /** Compilations. */
  const first = pipeline.prepare();
  const staged = pipeline.counters.take();
  const tokens = new Uint16Array(S + 1);
  pipeline.microStep(tokens.subarray(0, S), tokens.subarray(1), new StepClock(), false);
  const step = pipeline.counters.take();
  return { first, staged, step, perUpdate: pipeline.prepare() };
}
