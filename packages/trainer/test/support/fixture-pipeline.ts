/** A pipeline on the cpu device that runs a fixture's model with the fixture's parameters. */
import { openDevice } from "@ane/ane-runtime";
import { parameterLayout } from "@ane/llama-model";
import { onTestFinished } from "vitest";
import type { PipelineName } from "../../src/events.js";
import { openPipeline } from "../../src/open-pipeline.js";
import type { KernelSource, LlamaRecipe } from "../../src/run-config.js";
import { StepClock } from "../../src/step-clock.js";
import type { GradientFixture } from "./gradient-fixture.js";
import { newState } from "./new-state.js";

/** Disposed when the test is finished. */
export function openFixturePipeline(
  fixture: Pick<GradientFixture, "model" | "tokens" | "fillParameters">,
  pipelineName: PipelineName,
  numerics: "fp16" | "fp32",
  lossScale: number,
  kernels: KernelSource = "handwritten",
) {
  const { model, tokens: fixtureTokens, fillParameters } = fixture;
  const S = model.seqLen;
  const recipe = {
    model,
    pipeline: pipelineName,
    kernels,
    seq: S,
    numerics,
    lossScale,
  } as LlamaRecipe;
  const device = openDevice("cpu", { numerics, compileBudget: 0 });
  const state = newState(parameterLayout(model).total);
  fillParameters(state.parameters);
  const pipeline = openPipeline(device, recipe, state);
  onTestFinished(() => {
    pipeline[Symbol.dispose]();
    device.dispose();
  });
  const clock = new StepClock();
  /** One that begins an update, or goes on with it. */
  const step = (tokens = fixtureTokens, accumulate = false) =>
    pipeline.microStep(tokens.subarray(0, S), tokens.subarray(1, S + 1), clock, accumulate);
  return { pipeline, state, step, clock };
}
