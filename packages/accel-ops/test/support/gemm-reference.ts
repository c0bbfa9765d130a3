/** The matrix product in float64, from the same options, and a comparison with error bounds. */
import { expect } from "vitest";
import type { GemmOptions, MatrixView, Real } from "../../src/index.js";
import { floatFromHalf, floats, halves } from "./half.js";
import { randomFloats } from "./random.js";

/** fp16 or fp32 data, uniform in [-1, 1). */
export function randomReal(type: "fp16" | "fp32", length: number, seed: number): Real {
  const values = randomFloats(length, seed);
  return type === "fp32" ? values : halves(values);
}

export function asNumbers(data: Real): Float32Array {
  return data instanceof Float32Array ? data : floats(data);
}

/**
 * What C's array should hold, and how far each element may be from it: fp32 sums of k products in any order, one
 * rounding to C's type. Elements outside of C are kept and exact.
 */
export function gemmReference(options: GemmOptions): {
  expected: Float64Array;
  tolerance: Float64Array;
} {
  const { m, n, k, alpha = 1, beta = 0, batch, c } = options;
  const [a, b] = [asNumbers(options.a.data), asNumbers(options.b.data)];
  const expected = Float64Array.from(asNumbers(c.data));
  const tolerance = new Float64Array(expected.length);
  const { count, aStride, bStride, cStride } = batch ?? {
    count: 1,
    aStride: 0,
    bStride: 0,
    cStride: 0,
  };
  const [va, vb] = [options.a, options.b];
  const at = (view: MatrixView, i: number, j: number) =>
    (view.offset ?? 0) + i * view.rowStride + j * view.columnStride;
  const rounding = c.data instanceof Float32Array ? 2 ** -24 : 2 ** -11;
  for (let entry = 0; entry < count; entry++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let [atA, atB] = [entry * aStride + at(va, i, 0), entry * bStride + at(vb, 0, j)];
        let sum = 0;
        let magnitude = 0;
        for (let l = 0; l < k; l++) {
          const product = a[atA]! * b[atB]!;
          sum += product;
          magnitude += Math.abs(product);
          atA += va.columnStride;
          atB += vb.rowStride;
        }
        const target = entry * cStride + at(c, i, j);
        const old = beta === 0 ? 0 : beta * expected[target]!;
        const value = alpha * sum + old;
        expected[target] = value;
        tolerance[target] =
          (Math.abs(alpha) * magnitude * Math.sqrt(k + 1) * 2 + Math.abs(old) * 2) * 2 ** -24 +
          Math.abs(value) * rounding * 1.01 +
          2 ** -25;
      }
    }
  }
  return { expected, tolerance };
}

export function expectClose(actual: Real, reference: ReturnType<typeof gemmReference>): void {
  const { expected, tolerance } = reference;
  for (let i = 0; i < expected.length; i++) {
    const value = actual instanceof Float32Array ? actual[i]! : floatFromHalf(actual[i]!);
    if (!(Math.abs(value - expected[i]!) <= tolerance[i]!)) {
      expect.fail(`element ${i} is ${value}, must be ${expected[i]} within ${tolerance[i]}`);
    }
  }
}

/** Runs `product` on the options and compares C's whole array with the reference. */
export function checkGemm(options: GemmOptions, product: (options: GemmOptions) => void): void {
  const reference = gemmReference(options);
  product(options);
  expectClose(options.c.data, reference);
}

/** Bits of the same values, for comparisons between runs. */
export function bits(data: Real): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
