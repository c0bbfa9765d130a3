import { describe, expect, test } from "vitest";
import { ffnBwd } from "../../src/kernels/ffn-bwd.js";
import { qkvBwd } from "../../src/kernels/qkv-bwd.js";
import { sdpaBwd1 } from "../../src/kernels/sdpa-bwd1.js";
import { sdpaBwd2 } from "../../src/kernels/sdpa-bwd2.js";
import {
  CONFIGS,
  dot,
  finiteDifferences,
  layerWeights,
  relativeError,
  runKernel,
  tokenwiseDifferences,
  uniform,
} from "./fixtures.js";
import { attention, attentionBlock, feedForwardBlock, gated, project, rope } from "./reference.js";

const TOLERANCE = 1e-6;

describe.each(Object.entries(CONFIGS))("backward against finite differences, %s", (_, config) => {
  const { dim, seqLen: S } = config;
  const weights = layerWeights(config);
  const xn = uniform(dim * S, 1.5, 11);
  /** The loss is the scalar product of the block's output with this: the gradient that arrives. */
  const direction = uniform(dim * S, 1, 12);
  const single = { ...config, dtype: "fp32" } as const;

  test("ffnBwd", () => {
    const { h1, h3 } = feedForwardBlock(xn, weights, S);
    const actual = runKernel(ffnBwd(single), { dy: direction, h1, h3 }, weights);

    const lossOfGate = (gate: Float64Array) =>
      tokenLosses(project(weights.w2, gate, S), direction, S);
    const lossOfX = (x: Float64Array) => lossOfGate(feedForwardBlock(x, weights, S).gate);
    const lossOfH1 = (h: Float64Array) => lossOfGate(gated(h, h3));
    const lossOfH3 = (h: Float64Array) => lossOfGate(gated(h1, h));
    expect(relativeError(actual.dx, tokenwiseDifferences(lossOfX, xn, S))).toBeLessThan(TOLERANCE);
    expect(relativeError(actual.dh1, tokenwiseDifferences(lossOfH1, h1, S))).toBeLessThan(
      TOLERANCE,
    );
    expect(relativeError(actual.dh3, tokenwiseDifferences(lossOfH3, h3, S))).toBeLessThan(
      TOLERANCE,
    );
  });

  test("sdpaBwd1, sdpaBwd2 and qkvBwd, one after the other", () => {
    const { q, k, v } = attentionBlock(xn, weights, config);
    const first = runKernel(sdpaBwd1(single), { q, k, v, do: direction }, weights);
    const second = runKernel(sdpaBwd2(single), { probs: first.probs, dp: first.dp, q, k }, {});
    const { dx } = runKernel(qkvBwd(single), { ...second, dv: first.dv }, weights);

    const lossOfX = (x: Float64Array) => dot(attentionBlock(x, weights, config).o, direction);
    expect(relativeError(dx, finiteDifferences(lossOfX, xn))).toBeLessThan(TOLERANCE);

    // dq and dk are gradients of the projections before RoPE.
    const plainQ = project(weights.wq, xn, S);
    const plainK = project(weights.wk, xn, S);
    const loss = (a: Float64Array) => dot(project(weights.wo, a, S), direction);
    const lossOfQ = (x: Float64Array) => loss(attention(rope(x, config), k, v, config));
    const lossOfK = (x: Float64Array) => loss(attention(q, rope(x, config), v, config));
    const lossOfV = (x: Float64Array) => loss(attention(q, k, x, config));
    expect(relativeError(second.dq, finiteDifferences(lossOfQ, plainQ))).toBeLessThan(TOLERANCE);
    expect(relativeError(second.dk, finiteDifferences(lossOfK, plainK))).toBeLessThan(TOLERANCE);
    expect(relativeError(first.dv, finiteDifferences(lossOfV, v))).toBeLessThan(TOLERANCE);
  });
});

/** Σ_c y[c, s]·direction[c, s] of every token s. */
function tokenLosses(y: Float64Array, direction: Float64Array, S: number): Float64Array {
  const losses = new Float64Array(S);
  for (let i = 0; i < y.length; i++) losses[i % S]! += y[i]! * direction[i]!;
  return losses;
}
