/** Loss and gradients of both pipelines against PyTorch's, how gradients add up, and what a micro-step costs. */
import { Parameters } from "@ane/llama-model";
import { describe, expect, it } from "vitest";
import { openFixturePipeline } from "./support/fixture-pipeline.js";
import {
  errorsByTensor,
  fixtureModel,
  fixtureTokens,
  gradientFixture,
  relativeError,
} from "./support/gradient-fixture.js";
import { sameBits } from "./support/same-bits.js";

const llama = gradientFixture("llama");

/** Compilations of two layers. */
const PIPELINES = [
  { name: "static", kernels: "handwritten", first: 12, later: 10 },
  { name: "static", kernels: "derived", first: 8, later: 8 },
  { name: "dynamic", kernels: "handwritten", first: 4, later: 0 },
  { name: "dynamic", kernels: "derived", first: 4, later: 0 },
] as const;

describe.each(PIPELINES)("$name pipeline, $kernels kernels", ({ name, kernels, first, later }) => {
  const open = (numerics: "fp16" | "fp32", lossScale: number, model = fixtureModel) =>
    openFixturePipeline({ ...llama, model }, name, numerics, lossScale, kernels);

  it.each([
    { numerics: "fp32", lossScale: 1, tolerance: 1e-4 },
    { numerics: "fp32", lossScale: 256, tolerance: 1e-4 },
    { numerics: "fp16", lossScale: 256, tolerance: 2e-2 },
  ] as const)(
    "has PyTorch's loss and gradients, $numerics with loss scale $lossScale",
    ({ numerics, lossScale, tolerance }) => {
      const { pipeline, state, step } = open(numerics, lossScale);
      pipeline.prepare();
      expect(Math.abs(step() - llama.loss) / llama.loss).toBeLessThan(tolerance);
      const errors = errorsByTensor(llama, state.gradients, lossScale);
      expect(errors).toHaveLength(2 + 9 * 2);
      expect(errors.filter(([, error]) => !(error <= tolerance))).toEqual([]);
    },
  );

  it("adds up the gradients of several sequences", () => {
    const { pipeline, state, step } = open("fp16", 256);
    pipeline.prepare();
    const other = fixtureTokens.toReversed();
    step();
    const once = state.gradients.slice();
    step(other);
    const sum = state.gradients.map((value, i) => value + once[i]!);
    step();
    step(other, true);
    expect(relativeError(state.gradients, sum)).toBeLessThan(1e-6);
  });

  it("splits the gradient of a tied table into those of classifier and embedding", () => {
    const tied = open("fp32", 1);
    const untied = open("fp32", 1, { ...fixtureModel, tiedEmbeddings: false });
    const parameters = new Parameters(
      { ...fixtureModel, tiedEmbeddings: false },
      untied.state.parameters,
    );
    parameters.classifier.set(parameters.tokenEmbedding);
    for (const { pipeline } of [tied, untied]) pipeline.prepare();
    expect(untied.step()).toBe(tied.step());
    const gradients = new Parameters(parameters.config, untied.state.gradients);
    const sum = gradients.tokenEmbedding.map((value, i) => value + gradients.classifier[i]!);
    const expected = new Parameters(fixtureModel, tied.state.gradients).tokenEmbedding;
    expect(relativeError(sum, expected)).toBeLessThan(1e-6);
    expect(relativeError(gradients.classifier, expected)).toBeGreaterThan(0.01);
  });

  it.each([true, false])(
    "gives the same bits each time, whatever an update left there, tied: %s",
    (tiedEmbeddings) => {
      const model = { ...fixtureModel, tiedEmbeddings };
      const { pipeline, state, step } = open("fp16", 256, model);
      pipeline.prepare();
      const loss = step();
      const before = state.gradients.slice();
      expect(before.every(Number.isFinite)).toBe(true);
      state.gradients.fill(Number.NaN);
      pipeline.prepare();
      expect(step()).toBe(loss);
      expect(sameBits(before, state.gradients)).toBe(true);
    },
  );

  it("follows the parameters when it is prepared, and not before", () => {
    const { pipeline, state, step } = open("fp16", 256);
    expect(pipeline.compilationsNeeded).toBe(first);
    expect(pipeline.prepare()).toBe(first);
    const before = step();
    expect(pipeline.compilationsNeeded).toBe(later);
    const wq = new Parameters(fixtureModel, state.parameters).layer(1).wq;
    wq.forEach((value, i) => {
      wq[i] = -value;
    });
    expect(step()).toBe(before);
    expect(pipeline.prepare()).toBe(later);
    expect(step()).not.toBe(before);
  });

  it("accounts for all of its time", () => {
    const { pipeline, step, clock } = open("fp16", 256);
    pipeline.prepare();
    step();
    const { ms, breakdown } = clock.finish();
    const sum = Object.values(breakdown).reduce((total, part) => total + part, 0);
    expect(sum).toBeCloseTo(ms, 6);
    for (const part of ["device", "conversion", "classifier", "loss", "elementwise"] as const) {
      expect(breakdown[part]).toBeGreaterThan(0);
    }
  });
});
