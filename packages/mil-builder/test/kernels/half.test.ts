import { describe, expect, test } from "vitest";
import { floatFromHalf, halfFromFloat, type Numerics } from "../../src/index.js";
import type { LlamaKernelConfig } from "../../src/kernels/config.js";
import { ffnBwd } from "../../src/kernels/ffn-bwd.js";
import { fwdAttn } from "../../src/kernels/fwd-attn.js";
import { fwdFFN } from "../../src/kernels/fwd-ffn.js";
import { qkvBwd } from "../../src/kernels/qkv-bwd.js";
import { sdpaBwd1 } from "../../src/kernels/sdpa-bwd1.js";
import { sdpaBwd2 } from "../../src/kernels/sdpa-bwd2.js";
import {
  CONFIGS,
  layerWeights,
  namesOf,
  relativeError,
  runKernel,
  SMALL,
  uniform,
} from "./fixtures.js";
import { type LayerWeights, rmsNorm } from "./reference.js";

/**
 * Against the same kernel authored in fp32, of the largest magnitude in a slot. Rounding to fp16 costs 2^-11 = 4.9e-4;
 * each result here comes from a handful of roundings in a row.
 */
const TOLERANCE = 3e-3;

const half = (x: Float64Array) => x.map((value) => floatFromHalf(halfFromFloat(value)));

const STORIES15M = {
  ...SMALL,
  dim: 288,
  hiddenDim: 768,
  heads: 6,
  kvHeads: 6,
  headDim: 48,
};

describe.each([...Object.entries(CONFIGS), ["Stories15M", STORIES15M] as const])(
  "fp16 against float64, %s",
  (_, config) => {
    const { dim, heads, kvHeads, headDim, hiddenDim, seqLen: S } = config;
    const [D, F, QD, KD] = [dim * S, hiddenDim * S, heads * headDim * S, kvHeads * headDim * S];
    const precise = { ...config, dtype: "fp32" } as const;
    const exact = layerWeights(config);
    const weights = Object.fromEntries(
      namesOf(exact).map((name) => [name, half(exact[name])]),
    ) as unknown as LayerWeights;

    const activation = (length: number, seed: number) => half(uniform(length, 2, seed));
    /** Gradients as they arrive with a loss scale: far from 1, well inside fp16. */
    const gradient = (length: number, seed: number) => half(uniform(length, 0.02, seed));
    const x = activation(D, 1);
    const h1 = activation(F, 2);
    const h3 = activation(F, 3);
    const q = activation(QD, 4);
    const k = activation(KD, 5);
    const v = activation(KD, 6);
    const dy = gradient(D, 7);
    const dq = gradient(QD, 8);
    const dk = gradient(KD, 9);
    const dv = gradient(KD, 10);
    const { probs, dp } = runKernel(sdpaBwd1(config), { q, k, v, do: dy }, weights, "fp16");

    const runs = {
      fwdAttn: (of: LlamaKernelConfig, numerics: Numerics) =>
        runKernel(fwdAttn(of), { x }, weights, numerics),
      fwdFFN: (of: LlamaKernelConfig, numerics: Numerics) =>
        runKernel(fwdFFN(of), { x }, weights, numerics),
      ffnBwd: (of: LlamaKernelConfig, numerics: Numerics) =>
        runKernel(ffnBwd(of), { dy, h1, h3 }, weights, numerics),
      sdpaBwd1: (of: LlamaKernelConfig, numerics: Numerics) =>
        runKernel(sdpaBwd1(of), { q, k, v, do: dy }, weights, numerics),
      sdpaBwd2: (of: LlamaKernelConfig, numerics: Numerics) =>
        runKernel(sdpaBwd2(of), { probs, dp, q, k }, {}, numerics),
      qkvBwd: (of: LlamaKernelConfig, numerics: Numerics) =>
        runKernel(qkvBwd(of), { dq, dk, dv }, weights, numerics),
    };

    test.each(namesOf(runs))("%s", (name) => {
      const actual: Record<string, Float64Array> = runs[name](config, "fp16");
      const expected: Record<string, Float64Array> = runs[name](precise, "float64");
      for (const slot of namesOf(expected)) {
        expect(relativeError(actual[slot]!, expected[slot]!), slot).toBeLessThan(TOLERANCE);
      }
    });
  },
);

describe.each([32, 288, 768, 1024])("RMSNorm in fp16 over %i channels", (dim) => {
  const config = { ...SMALL, dim, hiddenDim: 2 };
  const S = config.seqLen;
  const kernel = fwdFFN(config);
  const weights = {
    ...layerWeights(config),
    norm: new Float64Array(dim).fill(1),
  };

  /** Numbers of the given root mean square. */
  const withRms = (rms: number) => half(uniform(dim * S, rms * Math.sqrt(3), 21));

  test.each([
    [100, 1e-3],
    [1, 1e-3],
    [0.1, 1e-3],
    [0.01, 5e-3],
  ])("rms %d", (rms, tolerance) => {
    const x = withRms(rms);
    const { xn } = runKernel(kernel, { x }, weights, "fp16");
    const expected = rmsNorm(x, weights.norm, S, config.normEps);
    expect(xn.every(Number.isFinite)).toBe(true);
    expect(relativeError(xn, expected)).toBeLessThan(tolerance);
  });

  test("zeros stay zeros", () => {
    const { xn } = runKernel(kernel, { x: new Float64Array(dim * S) }, weights, "fp16");
    expect(xn.every((value) => value === 0)).toBe(true);
  });
});
