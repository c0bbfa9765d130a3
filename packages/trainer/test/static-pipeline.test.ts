/** The pipeline's loss and gradients against PyTorch's, and how gradients add up. */
import { join } from "node:path";
import { openDevice } from "@ane/ane-runtime";
import { Parameters, parameterLayout } from "@ane/llama-model";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Recipe } from "../src/run-config.js";
import { RunState } from "../src/state-file.js";
import { StaticPipeline } from "../src/static-pipeline.js";
import { StepClock } from "../src/step-clock.js";
import {
  fillParameters,
  fixtureGradients,
  fixtureLoss,
  fixtureModel,
  fixtureTokens,
  relativeError,
} from "./support/gradient-fixture.js";
import { sameBits } from "./support/same-bits.js";
import { temporaryFolder } from "./support/temporary-folder.js";

const S = fixtureModel.seqLen;

function openPipeline(numerics: "fp16" | "fp32", lossScale: number, model = fixtureModel) {
  const recipe = { model, seq: S, numerics, lossScale } as Recipe;
  const device = openDevice("cpu", { numerics, compileBudget: 0 });
  const { total } = parameterLayout(model);
  const state = RunState.create(join(temporaryFolder(), "state"), total, new Uint8Array(32));
  fillParameters(state.parameters);
  const pipeline = new StaticPipeline(device, recipe, state);
  onTestFinished(() => {
    pipeline[Symbol.dispose]();
    device.dispose();
    state.dispose();
  });
  const clock = new StepClock();
  const step = (tokens = fixtureTokens) =>
    pipeline.microStep(tokens.subarray(0, S), tokens.subarray(1, S + 1), clock);
  return { pipeline, state, step, clock };
}

/** Relative error of each tensor, layer by layer. */
function errorsByTensor(gradients: Float32Array, scale: number): [name: string, error: number][] {
  const actual = new Parameters(
    fixtureModel,
    gradients.map((value) => value / scale),
  );
  const expected = new Parameters(fixtureModel, fixtureGradients);
  return actual.layout.entries.flatMap(({ name, perLayer }) => {
    if (!perLayer) return [[name, relativeError(actual.view(name), expected.view(name))]];
    return Array.from({ length: fixtureModel.layers }, (_, l): [string, number] => {
      const tensor = name as keyof ReturnType<Parameters["layer"]>;
      const error = relativeError(actual.layer(l)[tensor], expected.layer(l)[tensor]);
      return [`${name}[${l}]`, error];
    });
  });
}

describe.each([
  { numerics: "fp32", lossScale: 1, tolerance: 1e-4 },
  { numerics: "fp32", lossScale: 256, tolerance: 1e-4 },
  { numerics: "fp16", lossScale: 256, tolerance: 2e-2 },
] as const)("$numerics with loss scale $lossScale", ({ numerics, lossScale, tolerance }) => {
  it("has PyTorch's loss and gradients", () => {
    const { pipeline, state, step } = openPipeline(numerics, lossScale);
    expect(pipeline.compilationsNeeded).toBe(12);
    expect(pipeline.compile()).toBe(12);
    expect(Math.abs(step() - fixtureLoss) / fixtureLoss).toBeLessThan(tolerance);
    const errors = errorsByTensor(state.gradients, lossScale);
    expect(errors).toHaveLength(2 + 9 * 2);
    expect(errors.filter(([, error]) => !(error <= tolerance))).toEqual([]);
  });
});

describe("gradients", () => {
  it("of several sequences add up", () => {
    const { pipeline, state, step } = openPipeline("fp16", 256);
    pipeline.compile();
    const other = fixtureTokens.toReversed();
    step();
    const first = state.gradients.slice();
    state.gradients.fill(0);
    step(other);
    const sum = state.gradients.map((value, i) => value + first[i]!);
    state.gradients.fill(0);
    step();
    step(other);
    expect(relativeError(state.gradients, sum)).toBeLessThan(1e-6);
  });

  it("of a classifier of its own and of the embedding are together those of a tied one", () => {
    const tied = openPipeline("fp32", 1);
    const untied = openPipeline("fp32", 1, { ...fixtureModel, tiedEmbeddings: false });
    const parameters = new Parameters(
      { ...fixtureModel, tiedEmbeddings: false },
      untied.state.parameters,
    );
    parameters.classifier.set(parameters.tokenEmbedding);
    for (const { pipeline } of [tied, untied]) pipeline.compile();
    expect(untied.step()).toBe(tied.step());
    const gradients = new Parameters(parameters.config, untied.state.gradients);
    const sum = gradients.tokenEmbedding.map((value, i) => value + gradients.classifier[i]!);
    const expected = new Parameters(fixtureModel, tied.state.gradients).tokenEmbedding;
    expect(relativeError(sum, expected)).toBeLessThan(1e-6);
    expect(relativeError(gradients.classifier, expected)).toBeGreaterThan(0.01);
  });

  it("are the same bits each time", () => {
    const { pipeline, state, step } = openPipeline("fp16", 256);
    pipeline.compile();
    const loss = step();
    const first = state.gradients.slice();
    state.gradients.fill(0);
    pipeline.compile();
    expect(step()).toBe(loss);
    expect(sameBits(first, state.gradients)).toBe(true);
  });
});

describe("compilation", () => {
  it("takes all kernels at first, then those with weights, and follows the parameters", () => {
    const { pipeline, state, step } = openPipeline("fp16", 256);
    pipeline.compile();
    const before = step();
    expect(pipeline.compilationsNeeded).toBe(10);
    const wq = new Parameters(fixtureModel, state.parameters).layer(1).wq;
    wq.forEach((value, i) => {
      wq[i] = -value;
    });
    expect(step()).toBe(before);
    expect(pipeline.compile()).toBe(10);
    expect(step()).not.toBe(before);
  });
});

it("accounts for all of its time", () => {
  const { pipeline, step, clock } = openPipeline("fp16", 256);
  pipeline.compile();
  step();
  const { ms, breakdown } = clock.finish();
  const sum = Object.values(breakdown).reduce((total, part) => total + part, 0);
  expect(sum).toBeCloseTo(ms, 6);
  for (const part of ["device", "conversion", "classifier", "loss", "elementwise"] as const) {
    expect(breakdown[part]).toBeGreaterThan(0);
  }
});
