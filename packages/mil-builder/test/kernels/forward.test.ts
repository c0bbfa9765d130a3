import { describe, expect, test } from "vitest";
import { fwdAttn } from "../../src/kernels/fwd-attn.js";
import { fwdFFN } from "../../src/kernels/fwd-ffn.js";
import { CONFIGS, layerWeights, namesOf, relativeError, runKernel, uniform } from "./fixtures.js";
import { attentionBlock, feedForwardBlock, rmsNorm } from "./reference.js";

// The kernels hold 1/D, eps, 1/√h and the RoPE tables in fp32: that alone is worth 6e-8 each.
const TOLERANCE = 1e-6;

describe.each(Object.entries(CONFIGS))("forward in float64, %s", (_, config) => {
  const { dim, seqLen: S, normEps } = config;
  const weights = layerWeights(config);
  const x = uniform(dim * S, 1.7, 7);
  const xn = rmsNorm(x, weights.norm, S, normEps);

  test("fwdAttn is the attention block", () => {
    const actual = runKernel(fwdAttn({ ...config, dtype: "fp32" }), { x }, weights);
    const expected = { ...attentionBlock(xn, weights, config, Math.fround), xn };
    for (const name of namesOf(expected)) {
      expect(relativeError(actual[name], expected[name]), name).toBeLessThan(TOLERANCE);
    }
  });

  test("fwdFFN is the feed-forward block", () => {
    const actual = runKernel(fwdFFN({ ...config, dtype: "fp32" }), { x }, weights);
    const expected = { ...feedForwardBlock(xn, weights, S), xn };
    for (const name of namesOf(expected)) {
      expect(relativeError(actual[name], expected[name]), name).toBeLessThan(TOLERANCE);
    }
  });
});

test("a token's output does not depend on later tokens", () => {
  const config = CONFIGS["one KV head"]!;
  const { dim, seqLen: S } = config;
  const weights = layerWeights(config);
  const kernel = fwdAttn({ ...config, dtype: "fp32" });
  const x = uniform(dim * S, 1, 3);
  const changed = x.map((value, index) => (index % S > 20 ? -value : value));
  const before = runKernel(kernel, { x }, weights).o;
  const after = runKernel(kernel, { x: changed }, weights).o;
  for (let index = 0; index < before.length; index++) {
    if (index % S <= 20) expect(after[index]).toBe(before[index]);
  }
  expect(after).not.toEqual(before);
});
