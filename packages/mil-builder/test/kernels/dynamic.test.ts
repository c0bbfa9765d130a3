import { describe, expect, test } from "vitest";
import { floatFromHalf, halfFromFloat, type Numerics } from "../../src/index.js";
import type { LlamaKernelConfig } from "../../src/kernels/config.js";
import { dynamicKernels } from "../../src/kernels/dynamic/dynamic-kernels.js";
import {
  CONFIGS,
  dot,
  finiteDifferences,
  layerWeights,
  namesOf,
  relativeError,
  runDynamicKernel,
  SMALL,
  tokenwiseDifferences,
  uniform,
} from "./fixtures.js";
import {
  attention,
  attentionBlock,
  feedForwardBlock,
  gated,
  type LayerWeights,
  project,
  rope,
} from "./reference.js";

// The kernels hold 1/√h and the RoPE tables in fp32: that alone is worth 6e-8 each.
const TOLERANCE = 1e-6;

describe.each(Object.entries(CONFIGS))("dynamic kernels in float64, %s", (_, config) => {
  const { dim, seqLen: S } = config;
  const weights = layerWeights(config);
  const kernels = dynamicKernels({ ...config, dtype: "fp32" });
  const xn = uniform(dim * S, 1.5, 11);
  /** The loss is the scalar product of the block's output with this: the gradient that arrives. */
  const direction = uniform(dim * S, 1, 12);
  const run: typeof runDynamicKernel = (kernel, slots, matrices) =>
    runDynamicKernel(kernel, slots, matrices);

  function expectClose(
    actual: Readonly<Record<string, Float64Array>>,
    expected: Readonly<Record<string, Float64Array>>,
  ): void {
    expect(Object.keys(actual).toSorted()).toEqual(Object.keys(expected).toSorted());
    for (const name of namesOf(expected)) {
      expect(relativeError(actual[name]!, expected[name]!), name).toBeLessThan(TOLERANCE);
    }
  }

  test("attnFwd is the attention block", () => {
    expectClose(
      run(kernels.attnFwd, { xn }, weights),
      attentionBlock(xn, weights, config, Math.fround),
    );
  });

  test("ffnFwd is the feed-forward block", () => {
    expectClose(run(kernels.ffnFwd, { xn }, weights), feedForwardBlock(xn, weights, S));
  });

  test("ffnBwd against finite differences", () => {
    const { h1, h3 } = feedForwardBlock(xn, weights, S);
    const lossOfGate = (gate: Float64Array) =>
      tokenLosses(project(weights.w2, gate, S), direction, S);
    expectClose(run(kernels.ffnBwd, { dy: direction, h1, h3 }, weights), {
      dx: tokenwiseDifferences((x) => lossOfGate(feedForwardBlock(x, weights, S).gate), xn, S),
      dh1: tokenwiseDifferences((h) => lossOfGate(gated(h, h3)), h1, S),
      dh3: tokenwiseDifferences((h) => lossOfGate(gated(h1, h)), h3, S),
    });
  });

  test("attnBwd against finite differences", () => {
    const { q, k, v } = attentionBlock(xn, weights, config);
    // dq and dk are gradients of the projections before RoPE.
    const loss = (a: Float64Array) => dot(project(weights.wo, a, S), direction);
    const lossOfQ = (x: Float64Array) => loss(attention(rope(x, config), k, v, config));
    const lossOfK = (x: Float64Array) => loss(attention(q, rope(x, config), v, config));
    expectClose(run(kernels.attnBwd, { do: direction, q, k, v }, weights), {
      dx: finiteDifferences((x) => dot(attentionBlock(x, weights, config).o, direction), xn),
      dq: finiteDifferences(lossOfQ, project(weights.wq, xn, S)),
      dk: finiteDifferences(lossOfK, project(weights.wk, xn, S)),
      dv: finiteDifferences((x) => loss(attention(q, k, x, config)), v),
    });
  });
});

/**
 * Against the same kernel authored in fp32, of the largest magnitude in a slot: rounding to fp16 costs 2^-11 = 4.9e-4, and
 * each result here comes from a handful of roundings in a row.
 */
const HALF_TOLERANCE = 3e-3;
const STORIES15M = { ...SMALL, dim: 288, hiddenDim: 768, heads: 6, kvHeads: 6, headDim: 48 };
const half = (x: Float64Array) => x.map((value) => floatFromHalf(halfFromFloat(value)));

describe.each([...Object.entries(CONFIGS), ["Stories15M", STORIES15M] as const])(
  "dynamic kernels in fp16 against float64, %s",
  (_, config) => {
    const { dim, heads, kvHeads, headDim, hiddenDim, seqLen: S } = config;
    const [D, F, QD, KD] = [dim * S, hiddenDim * S, heads * headDim * S, kvHeads * headDim * S];
    const exact = layerWeights(config);
    const weights = Object.fromEntries(
      namesOf(exact).map((name) => [name, half(exact[name])]),
    ) as unknown as LayerWeights;
    const activation = (length: number, seed: number) => half(uniform(length, 2, seed));
    /** Gradients as they arrive with a loss scale: far from 1, well inside fp16. */
    const gradient = (length: number, seed: number) => half(uniform(length, 0.02, seed));
    const slots = {
      xn: activation(D, 1),
      h1: activation(F, 2),
      h3: activation(F, 3),
      q: activation(QD, 4),
      k: activation(KD, 5),
      v: activation(KD, 6),
      dy: gradient(D, 7),
      do: gradient(D, 8),
    };
    const results = (of: LlamaKernelConfig, numerics: Numerics) => {
      const { attnFwd, ffnFwd, ffnBwd, attnBwd } = dynamicKernels(of);
      return {
        attnFwd: runDynamicKernel(attnFwd, slots, weights, numerics),
        ffnFwd: runDynamicKernel(ffnFwd, slots, weights, numerics),
        ffnBwd: runDynamicKernel(ffnBwd, slots, weights, numerics),
        attnBwd: runDynamicKernel(attnBwd, slots, weights, numerics),
      };
    };
    const actual = results(config, "fp16");
    const expected = results({ ...config, dtype: "fp32" }, "float64");

    test.each(namesOf(expected))("%s", (name) => {
      const [found, wanted]: Record<string, Float64Array>[] = [actual[name], expected[name]];
      for (const slot of namesOf(wanted!)) {
        expect(relativeError(found![slot]!, wanted![slot]!), slot).toBeLessThan(HALF_TOLERANCE);
      }
    });
  },
);

/** Σ_c y[c, s]·direction[c, s] of every token s. */
function tokenLosses(y: Float64Array, direction: Float64Array, S: number): Float64Array {
  const losses = new Float64Array(S);
  for (let i = 0; i < y.length; i++) losses[i % S]! += y[i]! * direction[i]!;
  return losses;
}
