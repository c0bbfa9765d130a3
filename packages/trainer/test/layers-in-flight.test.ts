/** Gradients of a model with more layers than there are backward surfaces: none may be overwritten before it has been read. */
import { cpuInfo, setThreads } from "@ane/accel-ops";
import { openDevice } from "@ane/ane-runtime";
import { initializeParameters, Parameters, parameterLayout } from "@ane/llama-model";
import { expect, it, onTestFinished } from "vitest";
import { openPipeline } from "../src/open-pipeline.js";
import { LAYERS_IN_FLIGHT } from "../src/residual-block.js";
import type { LlamaRecipe } from "../src/run-config.js";
import { StepClock } from "../src/step-clock.js";
import { fixtureTokens } from "./support/gradient-fixture.js";
import { newState } from "./support/new-state.js";
import { sameBits } from "./support/same-bits.js";
import { tinyModel } from "./support/tiny-run.js";

const model = { ...tinyModel, layers: 2 * LAYERS_IN_FLIGHT + 1 };
const S = tinyModel.seqLen;
const tokens = fixtureTokens.map((token) => token % tinyModel.vocabSize);

function open(pipelineName: "static" | "dynamic") {
  const recipe = {
    model,
    pipeline: pipelineName,
    seq: S,
    numerics: "fp32",
    precision: "fp32",
    lossScale: 1,
  } as LlamaRecipe;
  const device = openDevice("cpu", { numerics: "fp32", compileBudget: 0 });
  const state = newState(parameterLayout(model).total);
  const pipeline = openPipeline(device, recipe, state);
  onTestFinished(() => {
    pipeline[Symbol.dispose]();
    device.dispose();
  });
  initializeParameters(new Parameters(model, state.parameters), 7);
  const loss = () => {
    pipeline.prepare();
    const [inputs, targets] = [tokens.subarray(0, S), tokens.subarray(1, S + 1)];
    return pipeline.microStep(inputs, targets, new StepClock(), false);
  };
  return { state, loss };
}

it.each(["static", "dynamic"] as const)(
  "%s: the loss falls along the gradient of each layer's matrices as fast as that says",
  (pipelineName) => {
    const { threads } = cpuInfo();
    onTestFinished(() => setThreads(threads));
    const { state, loss } = open(pipelineName);
    loss();
    const several = state.gradients.slice();
    setThreads(1); // products wait in the queue until somebody waits for them
    loss();
    expect(sameBits(state.gradients, several)).toBe(true);

    const gradients = new Parameters(model, several);
    const parameters = new Parameters(model, state.parameters);
    for (let l = 0; l < model.layers; l++) {
      for (const name of ["wq", "wk", "wv", "wo", "w1", "w2", "w3"] as const) {
        const [w, g] = [parameters.layer(l)[name], gradients.layer(l)[name]];
        const norm = Math.hypot(...g);
        const moved = (distance: number) => {
          const before = w.slice();
          for (const [i, value] of g.entries()) w[i]! += (distance * value) / norm;
          const result = loss();
          w.set(before);
          return result;
        };
        const distance = 0.1;
        const slope = (moved(distance) - moved(-distance)) / (2 * distance);
        expect(slope / norm, `${name}[${l}]`).toBeCloseTo(1, 1);
      }
    }
  },
);
