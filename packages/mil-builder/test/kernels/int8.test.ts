/** The 8-bit kernels against plain loops over the quantized numbers, and against the kernels that they approximate. */
import { describe, expect, test } from "vitest";
import {
  dequantizeInt8,
  type Kernel,
  KernelConfigError,
  parse,
  print,
  quantizeInt8,
  verify,
  type WeightSlot,
} from "../../src/index.js";
import type { LlamaKernelConfig } from "../../src/kernels/config.js";
import { fwdAttn } from "../../src/kernels/fwd-attn.js";
import { fwdFFN } from "../../src/kernels/fwd-ffn.js";
import { fwdAttnInt8, fwdFFNInt8, qkvBwdInt8 } from "../../src/kernels/int8-kernels.js";
import {
  dot,
  finiteDifferences,
  layerWeights,
  relativeError,
  runKernel,
  SMALL,
  uniform,
} from "./fixtures.js";
import { attention, gated, project, rmsNorm, rope } from "./reference.js";

const S = SMALL.seqLen;
const single = { ...SMALL, dtype: "fp32" } as const;
const exact = layerWeights(SMALL);
const x = uniform(SMALL.dim * S, 1.7, 7);

/** Weights and scales as an 8-bit kernel takes them, and what they stand for as [out, in] matrices. */
function quantized<W extends string>(
  slots: Readonly<Record<W, WeightSlot>>,
  names: readonly W[],
  matrices: Readonly<Record<W, Float64Array>>,
  scaleDtype: "fp16" | "fp32",
) {
  const given: Record<string, Float64Array> = { norm: exact.norm };
  const meant: Record<string, Float64Array> = {};
  for (const name of names) {
    const { shape, transposed } = slots[name];
    const [rows, columns] = shape as [number, number];
    const turn = (values: ArrayLike<number>, height: number, width: number) =>
      Float64Array.from(values, (_, i) => values[(i % height) * width + Math.floor(i / height)]!);
    const used = transposed ? turn(matrices[name], columns, rows) : matrices[name];
    const int8 = quantizeInt8(Float32Array.from(used), shape, { scaleDtype });
    expect(int8.noise.snrDb).toBeGreaterThan(40);
    // runKernel transposes model matrices.
    given[name] = transposed ? turn(int8.data, rows, columns) : Float64Array.from(int8.data);
    given[`${name}_scale`] = Float64Array.from(int8.scale);
    const values = Float64Array.from(dequantizeInt8(int8));
    meant[name] = transposed ? turn(values, rows, columns) : values;
  }
  return {
    given: given as Record<W | `${W}_scale` | "norm", Float64Array>,
    meant: meant as Record<W, Float64Array>,
  };
}

/** The nearest multiples of the scale that int8 holds. */
function fake(values: Float64Array, scale: number): Float64Array {
  const step = Math.fround(scale);
  return values.map((value) => step * Math.min(127, Math.max(-128, Math.round(value / step))));
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

describe("fwdFFNInt8", () => {
  const reference = runKernel(fwdFFN(single), { x }, exact);
  const scales = { xn: largest(reference.xn) / 127, gate: largest(reference.gate) / 127 };

  test("is the feed-forward block of the quantized numbers", () => {
    const kernel = fwdFFNInt8(single, scales);
    const { given, meant } = quantized(kernel.weights, ["w1", "w2", "w3"], exact, "fp32");
    const actual = runKernel(kernel, { x }, given);
    const xn = fake(rmsNorm(x, exact.norm, S, SMALL.normEps), scales.xn);
    const h1 = project(meant.w1, xn, S);
    const h3 = project(meant.w3, xn, S);
    const gate = gated(h1, h3);
    expect(relativeError(actual.h1, h1)).toBeLessThan(1e-6);
    expect(relativeError(actual.gate, gate)).toBeLessThan(1e-6);
    expect(relativeError(actual.y, project(meant.w2, fake(gate, scales.gate), S))).toBeLessThan(
      1e-6,
    );
  });

  test("in fp16 is close to the kernel that it approximates", () => {
    const kernel = fwdFFNInt8(SMALL, scales);
    const { given } = quantized(kernel.weights, ["w1", "w2", "w3"], exact, "fp16");
    const actual = runKernel(kernel, { x }, given, "fp16");
    expect(relativeError(actual.xn, reference.xn)).toBeLessThan(2e-3);
    expect(relativeError(actual.y, reference.y)).toBeLessThan(0.03);
  });

  test("quantizes an activation once for all weights", () => {
    const ops = fwdFFNInt8(SMALL, scales).program.functions[0]!.operations.map(({ type }) => type);
    const count = (type: string) => ops.filter((op) => op === type).length;
    expect(["quantize", "dequantize", "constexpr_affine_dequantize"].map(count)).toEqual([2, 2, 3]);
  });
});

describe("fwdAttnInt8", () => {
  const reference = runKernel(fwdAttn(single), { x }, exact);
  const scales = { xn: largest(reference.xn) / 127, a: largest(reference.a) / 127 };
  const names = ["wq", "wk", "wv", "wo"] as const;

  test("is the attention block of the quantized numbers", () => {
    const kernel = fwdAttnInt8(single, scales);
    const { given, meant } = quantized(kernel.weights, names, exact, "fp32");
    const actual = runKernel(kernel, { x }, given);
    const xn = fake(rmsNorm(x, exact.norm, S, SMALL.normEps), scales.xn);
    const q = rope(project(meant.wq, xn, S), SMALL, Math.fround);
    const k = rope(project(meant.wk, xn, S), SMALL, Math.fround);
    const a = attention(q, k, project(meant.wv, xn, S), SMALL, Math.fround);
    expect(relativeError(actual.a, a)).toBeLessThan(1e-6);
    expect(relativeError(actual.o, project(meant.wo, fake(a, scales.a), S))).toBeLessThan(1e-6);
  });

  test("in fp16 is close to the kernel that it approximates", () => {
    const kernel = fwdAttnInt8(SMALL, scales);
    const { given } = quantized(kernel.weights, names, exact, "fp16");
    expect(relativeError(runKernel(kernel, { x }, given, "fp16").o, reference.o)).toBeLessThan(
      0.03,
    );
  });
});

describe("qkvBwdInt8", () => {
  const { heads, kvHeads, headDim, dim } = SMALL;
  const gradients = {
    dq: uniform(heads * headDim * S, 0.02, 1),
    dk: uniform(kvHeads * headDim * S, 0.01, 2),
    dv: uniform(kvHeads * headDim * S, 0.03, 3),
  };
  const scales = { dq: 0.02 / 127, dk: 0.01 / 127, dv: 0.03 / 127 };
  const names = ["wq", "wk", "wv"] as const;

  test("is the sum of the transposed projections of the quantized numbers", () => {
    const kernel = qkvBwdInt8(single, scales);
    const { given, meant } = quantized(kernel.weights, names, exact, "fp32");
    const { dq, dk, dv } = gradients;
    const loss = (xn: Float64Array) =>
      dot(project(meant.wq, xn, S), fake(dq, scales.dq)) +
      dot(project(meant.wk, xn, S), fake(dk, scales.dk)) +
      dot(project(meant.wv, xn, S), fake(dv, scales.dv));
    const expected = finiteDifferences(loss, new Float64Array(dim * S));
    expect(relativeError(runKernel(kernel, gradients, given).dx, expected)).toBeLessThan(1e-6);
  });

  test("in fp16 is close to the gradient that it approximates", () => {
    const kernel = qkvBwdInt8(SMALL, scales);
    const { given } = quantized(kernel.weights, names, exact, "fp16");
    const { dq, dk, dv } = gradients;
    const loss = (xn: Float64Array) =>
      dot(project(exact.wq, xn, S), dq) +
      dot(project(exact.wk, xn, S), dk) +
      dot(project(exact.wv, xn, S), dv);
    const expected = finiteDifferences(loss, new Float64Array(dim * S));
    expect(relativeError(runKernel(kernel, gradients, given, "fp16").dx, expected)).toBeLessThan(
      0.03,
    );
  });
});

const KERNELS: Readonly<Record<string, (config: LlamaKernelConfig) => Kernel>> = {
  fwdFFNInt8: (config) => fwdFFNInt8(config, { xn: 0.03, gate: 0.05 }),
  fwdAttnInt8: (config) => fwdAttnInt8(config, { xn: 0.03, a: 0.02 }),
  qkvBwdInt8: (config) => qkvBwdInt8(config, { dq: 0.001, dk: 0.001, dv: 0.001 }),
};

describe.each(Object.entries(KERNELS))("%s", (name, generate) => {
  test("text and back, in both dialects", () => {
    const { program } = generate(SMALL);
    expect(parse(print(program))).toEqual(program);
    const verbose = { ...program, version: "1.0" };
    expect(parse(print(program, { dialect: "1.0" }))).toEqual(verbose);
  });

  test("keeps every rule where int8 weights are reported to work", () => {
    const config = {
      ...SMALL,
      dim: 768,
      hiddenDim: 2048,
      heads: 12,
      kvHeads: 12,
      headDim: 64,
      seqLen: 256,
    };
    const { program } = generate(config);
    for (const chip of [undefined, "m4", "m5"] as const) {
      expect(verify(program, chip ? { chip } : {})).toEqual([]);
    }
  });

  test("golden text", async () => {
    await expect(print(generate(SMALL).program)).toMatchFileSnapshot(`../golden/${name}.mil`);
  });
});

test("scales and opsets that cannot be are refused by name", () => {
  const tooSmall = () => fwdFFNInt8(SMALL, { xn: 0.03, gate: 1e-9 });
  expect(tooSmall).toThrow(KernelConfigError);
  expect(tooSmall).toThrow("scales: gate must be positive and finite in fp16, got 1e-9");
  expect(() => fwdFFNInt8(SMALL, { xn: -1, gate: 1 })).toThrow("xn must be positive");
  expect(() => fwdFFNInt8({ ...SMALL, opset: "ios16" }, { xn: 1, gate: 1 })).toThrow("ios17");
});
