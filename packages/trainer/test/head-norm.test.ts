/** Norms of the query and key heads (Qwen3): loss and gradients against PyTorch's, and what follows the parameters. */
import { Parameters } from "@ane/llama-model";
import { expect, it } from "vitest";
import { openFixturePipeline } from "./support/fixture-pipeline.js";
import { errorsByTensor, gradientFixture, relativeError } from "./support/gradient-fixture.js";

const qwen3 = gradientFixture("qwen3");

it.each([
  { kernels: "handwritten", numerics: "fp32", lossScale: 1, tolerance: 1e-4 },
  { kernels: "handwritten", numerics: "fp16", lossScale: 256, tolerance: 2e-2 },
  { kernels: "derived", numerics: "fp32", lossScale: 1, tolerance: 1e-4 },
  { kernels: "derived", numerics: "fp16", lossScale: 256, tolerance: 2e-2 },
] as const)(
  "PyTorch's loss and gradients, $kernels kernels, $numerics with loss scale $lossScale",
  ({ kernels, numerics, lossScale, tolerance }) => {
    const { pipeline, state, step } = openFixturePipeline(
      qwen3,
      "dynamic",
      numerics,
      lossScale,
      kernels,
    );
    pipeline.prepare();
    expect(Math.abs(step() - qwen3.loss) / qwen3.loss).toBeLessThan(tolerance);
    const errors = errorsByTensor(qwen3, state.gradients, lossScale);
    expect(errors.map(([name]) => name)).toContain("kNorm[1]");
    expect(errors.filter(([, error]) => !(error <= tolerance))).toEqual([]);
  },
);

it("the gains follow the parameters, and their gradients add up", () => {
  const { pipeline, state, step } = openFixturePipeline(qwen3, "dynamic", "fp16", 256);
  pipeline.prepare();
  const before = step();
  const gradients = new Parameters(qwen3.model, state.gradients).layer(1);
  const once = gradients.qNorm!.slice();
  step(qwen3.tokens, true);
  const twice = once.map((value) => 2 * value);
  expect(relativeError(gradients.qNorm!, twice)).toBeLessThan(1e-6);
  new Parameters(qwen3.model, state.parameters).layer(1).qNorm!.fill(0.5);
  expect(step()).toBe(before);
  pipeline.prepare();
  expect(step()).not.toBe(before);
});

it("the static pipeline refuses them", () => {
  expect(() => openFixturePipeline(qwen3, "static", "fp16", 256)).toThrow(
    "Use the dynamic kernels",
  );
});
