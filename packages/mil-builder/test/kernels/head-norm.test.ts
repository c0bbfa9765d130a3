/** Attention with a norm of every query and key head (Qwen3): the dynamic kernels against plain loops and finite differences. */
import { describe, expect, test } from "vitest";
import { fwdAttn, verify } from "../../src/index.js";
import { KernelConfigError } from "../../src/kernels/config.js";
import { dynamicKernels } from "../../src/kernels/dynamic/dynamic-kernels.js";
import {
  dot,
  finiteDifferences,
  layerWeights,
  namesOf,
  relativeError,
  runDynamicKernel,
  SMALL,
  uniform,
} from "./fixtures.js";
import { attention, project, rmsNorm, rope } from "./reference.js";

// The kernels hold 1/√h and the RoPE tables in fp32.
const TOLERANCE = 1e-6;
const HALF_TOLERANCE = 4e-3;

const base = { ...SMALL, dim: 16, heads: 2, kvHeads: 1 };
const configs = {
  "two query heads per KV head": base,
  "heads wider than dim / heads": { ...base, headDim: 12, normEps: 1e-6, ropeTheta: 1e6 },
};

describe.each(Object.entries(configs))("%s", (_, dims) => {
  const config = { ...dims, qkNorm: true };
  const { dim, headDim: h, seqLen: S } = config;
  const weights = layerWeights(config);
  const gains: Record<"q" | "k", Float64Array> = {
    q: uniform(h, 0.5, 31).map((x) => 1 + x),
    k: uniform(h, 0.5, 32).map((x) => 1 + x),
  };
  const xn = uniform(dim * S, 1.5, 11);
  const direction = uniform(dim * S, 1, 12);
  const everyColumn = (values: Float64Array) =>
    Float64Array.from({ length: h * S }, (_, i) => values[Math.floor(i / S)]!);
  const gainSlots = { qGains: everyColumn(gains.q), kGains: everyColumn(gains.k) };

  /** Each head normalized on its own, then turned. */
  const turned = (x: Float64Array, gain: Float64Array) => {
    const heads = Array.from({ length: x.length / (h * S) }, (_, n) =>
      rmsNorm(x.subarray(n * h * S, (n + 1) * h * S), gain, S, config.normEps),
    );
    return rope(Float64Array.from(heads.flatMap((head) => [...head])), config);
  };
  const projected = {
    q: project(weights.wq, xn, S),
    k: project(weights.wk, xn, S),
    v: project(weights.wv, xn, S),
  };
  const attend = ({ q, k, v } = projected, { q: gq, k: gk } = gains) =>
    attention(turned(q, gq), turned(k, gk), v, config);
  const loss = (a: Float64Array) => dot(project(weights.wo, a, S), direction);

  const { attnFwd, attnBwd } = dynamicKernels({ ...config, dtype: "fp32" });

  test("forward", () => {
    const actual = runDynamicKernel(attnFwd, { xn, ...gainSlots } as { xn: Float64Array }, weights);
    const a = attend();
    const expected = { o: project(weights.wo, a, S), ...projected, a };
    for (const name of namesOf(expected)) {
      expect(relativeError(actual[name], expected[name]), name).toBeLessThan(TOLERANCE);
    }
  });

  test("backward, against finite differences", () => {
    const slots = { do: direction, ...projected, ...gainSlots };
    const actual: Record<string, Float64Array> = runDynamicKernel(attnBwd, slots, weights);
    const of = (change: (x: Float64Array) => Float64Array, x: Float64Array) =>
      finiteDifferences((moved) => loss(change(moved)), x);
    const all = (x: Float64Array) =>
      attend({
        q: project(weights.wq, x, S),
        k: project(weights.wk, x, S),
        v: project(weights.wv, x, S),
      });
    const expected = {
      dx: of(all, xn),
      dq: of((q) => attend({ ...projected, q }), projected.q),
      dk: of((k) => attend({ ...projected, k }), projected.k),
      dv: of((v) => attend({ ...projected, v }), projected.v),
    };
    for (const name of namesOf(expected)) {
      expect(relativeError(actual[name]!, expected[name]), name).toBeLessThan(TOLERANCE);
    }
    const overPositions = (rows: Float64Array) =>
      Float64Array.from({ length: h }, (_, c) =>
        rows.subarray(c * S, (c + 1) * S).reduce((a, b) => a + b),
      );
    const dqGains = of((q) => attend(projected, { ...gains, q }), gains.q);
    const dkGains = of((k) => attend(projected, { ...gains, k }), gains.k);
    expect(relativeError(overPositions(actual.dqGains!), dqGains)).toBeLessThan(TOLERANCE);
    expect(relativeError(overPositions(actual.dkGains!), dkGains)).toBeLessThan(TOLERANCE);
  });

  test("in fp16, against the same kernels in float64", () => {
    const half = dynamicKernels(config);
    const slots = { xn, do: direction.map((x) => x * 0.02), ...projected, ...gainSlots };
    type Slots = Record<string, Float64Array>;
    const results: Record<string, [found: Slots, wanted: Slots]> = {
      attnFwd: [
        runDynamicKernel(half.attnFwd, slots, weights, "fp16"),
        runDynamicKernel(attnFwd, slots, weights),
      ],
      attnBwd: [
        runDynamicKernel(half.attnBwd, slots, weights, "fp16"),
        runDynamicKernel(attnBwd, slots, weights),
      ],
    };
    for (const [name, [found, wanted]] of Object.entries(results)) {
      expect(Object.keys(found)).toEqual(Object.keys(wanted));
      for (const slot of namesOf(wanted)) {
        const error = relativeError(found[slot]!, wanted[slot]!);
        expect(error, `${name} ${slot}`).toBeLessThan(HALF_TOLERANCE);
      }
    }
  });

  test.each(["m1", "m4", "m5"] as const)("keeps the rules of %s", (chip) => {
    const old = chip === "m1" ? ({ opset: "ios16" } as const) : {};
    for (const { program } of Object.values(dynamicKernels({ ...config, ...old }))) {
      expect(verify(program, { chip })).toEqual([]);
    }
  });
});

test("says where the gains go in and their gradients come out", () => {
  const { attnBwd, attnFwd } = dynamicKernels({ ...SMALL, qkNorm: true });
  expect(attnBwd.headNorms?.q.gains.shape).toEqual([1, SMALL.headDim, 1, SMALL.seqLen]);
  expect(attnBwd.headNorms?.k.dGains).toEqual(attnBwd.outputs["dkGains" as "dk"]);
  expect(attnFwd.inputs["kGains" as "xn"]).toEqual(attnBwd.headNorms?.k.gains);
  expect(dynamicKernels(SMALL).attnBwd.headNorms).toBeUndefined();
});

test("the static kernels refuse it", () => {
  expect(() => fwdAttn({ ...SMALL, qkNorm: true })).toThrow(KernelConfigError);
  expect(() => fwdAttn({ ...SMALL, qkNorm: true })).toThrow("Use the dynamic kernels");
});
