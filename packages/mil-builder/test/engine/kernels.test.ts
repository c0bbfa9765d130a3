/** The kernels in the engine's numerics: near float64 with a loss scale, and what is lost without one. */
import { describe, expect, test } from "vitest";
import { floatFromHalf, halfFromFloat } from "../../src/index.js";
import { ffnBwd } from "../../src/kernels/ffn-bwd.js";
import { fwdAttn } from "../../src/kernels/fwd-attn.js";
import { fwdFFN } from "../../src/kernels/fwd-ffn.js";
import { qkvBwd } from "../../src/kernels/qkv-bwd.js";
import {
  layerWeights,
  namesOf,
  relativeError,
  runKernel,
  SMALL,
  uniform,
} from "../kernels/fixtures.js";
import { rmsNorm } from "../kernels/reference.js";

/** Of the largest magnitude: fp16's roundings, and the sigmoid table's 3.4e-3. */
const TOLERANCE = 1e-2;
const PRECISE = { ...SMALL, dtype: "fp32" } as const;
const { dim, hiddenDim, heads, kvHeads, headDim, seqLen: S } = SMALL;

const half = (data: Float64Array) => data.map((value) => floatFromHalf(halfFromFloat(value)));
const rounded = layerWeights(SMALL);
const weights = { ...rounded };
for (const name of namesOf(weights)) weights[name] = half(rounded[name]);

const x = half(uniform(dim * S, 2, 1));
const h1 = half(uniform(hiddenDim * S, 2, 2));
const h3 = half(uniform(hiddenDim * S, 2, 3));
const gradients = (scale: number) => ({
  dy: half(uniform(dim * S, scale, 4)),
  dq: half(uniform(heads * headDim * S, scale, 5)),
  dk: half(uniform(kvHeads * headDim * S, scale, 6)),
  dv: half(uniform(kvHeads * headDim * S, scale, 7)),
});

describe("with gradients of moderate size the kernels are near float64", () => {
  const { dy, ...projections } = gradients(1);
  const runs = {
    fwdAttn: [
      runKernel(fwdAttn(SMALL), { x }, weights, "ane"),
      runKernel(fwdAttn(PRECISE), { x }, weights),
    ],
    fwdFFN: [
      runKernel(fwdFFN(SMALL), { x }, weights, "ane"),
      runKernel(fwdFFN(PRECISE), { x }, weights),
    ],
    ffnBwd: [
      runKernel(ffnBwd(SMALL), { dy, h1, h3 }, weights, "ane"),
      runKernel(ffnBwd(PRECISE), { dy, h1, h3 }, weights),
    ],
    qkvBwd: [
      runKernel(qkvBwd(SMALL), projections, weights, "ane"),
      runKernel(qkvBwd(PRECISE), projections, weights),
    ],
  } satisfies Record<string, [Record<string, Float64Array>, Record<string, Float64Array>]>;

  test.each(namesOf(runs))("%s", (name) => {
    const [actual, expected]: [Record<string, Float64Array>, Record<string, Float64Array>] =
      runs[name];
    for (const slot of namesOf(expected)) {
      expect(relativeError(actual[slot]!, expected[slot]!), slot).toBeLessThan(TOLERANCE);
    }
  });
});

describe("gradients of 2^-16", () => {
  const { dq, dk, dv } = gradients(2 ** -16);
  const run = (scale: number, numerics: "fp16" | "ane") => {
    const scaled = (data: Float64Array) => data.map((value) => value * scale);
    const slots = { dq: scaled(dq), dk: scaled(dk), dv: scaled(dv) };
    return runKernel(qkvBwd(SMALL), slots, weights, numerics).dx.map((value) => value / scale);
  };
  const expected = runKernel(qkvBwd(PRECISE), { dq, dk, dv }, weights).dx;

  test("survive in fp16", () => {
    expect(relativeError(run(1, "fp16"), expected)).toBeLessThan(TOLERANCE);
  });

  test("vanish in the accumulator", () => {
    expect(run(1, "ane").every((value) => value === 0)).toBe(true);
  });

  test("survive in the accumulator with a loss scale", () => {
    expect(relativeError(run(2 ** 12, "ane"), expected)).toBeLessThan(TOLERANCE);
  });
});

test.each([0.1, 1, 90])("RMSNorm of the kernels is right at rms %d", (rms) => {
  const data = half(uniform(dim * S, rms * Math.sqrt(3), 9));
  const { xn } = runKernel(fwdFFN(SMALL), { x: data }, weights, "ane");
  const expected = rmsNorm(data, weights.norm, S, SMALL.normEps);
  expect(relativeError(xn, expected)).toBeLessThan(5e-3);
});
