import { afterEach, describe, expect, it } from "vitest";
import { ArgumentError, setThreads, softmax } from "../src/index.js";
import { floatFromHalf, halfFromFloat, roundToHalf } from "./support/half.js";
import { digest } from "./support/numeric.js";
import { randomFloats } from "./support/random.js";

const shapes = [
  [1, 1, 1],
  [3, 7, 1],
  [5, 256, 1],
  [2, 33, 5],
  [1, 40, 70],
  [2, 3, 129],
] as const;

/** In float64. */
function reference(x: ArrayLike<number>, [outer, axis, inner]: readonly number[]): Float64Array {
  const out = new Float64Array(outer! * axis! * inner!);
  for (let o = 0; o < outer!; o++) {
    for (let i = 0; i < inner!; i++) {
      const at = (a: number) => (o * axis! + a) * inner! + i;
      let max = Number.NEGATIVE_INFINITY;
      for (let a = 0; a < axis!; a++) max = Math.max(max, x[at(a)]!);
      let sum = 0;
      for (let a = 0; a < axis!; a++) sum += Math.exp(x[at(a)]! - max);
      for (let a = 0; a < axis!; a++) out[at(a)] = Math.exp(x[at(a)]! - max) / sum;
    }
  }
  return out;
}

afterEach(() => setThreads(2));

describe.each(shapes)("softmax of [%i, %i, %i]", (outer, axis, inner) => {
  const length = outer * axis * inner;
  const shape = { outer, axis, inner };
  const x = randomFloats(length, 3, 8).map(roundToHalf);
  const expected = reference(x, [outer, axis, inner]);

  it("fp32, at offsets, and in place", () => {
    const padded = new Float32Array(length + 5);
    padded.set(x, 3);
    const out = new Float32Array(length + 4).fill(7);
    softmax({ ...shape, x: padded, xOffset: 3, out, outOffset: 2 });
    // x - max, up to 16, is rounded before exp: a relative error of 16 · 2^-24, among others.
    for (let i = 0; i < length; i++) {
      expect(Math.abs(out[i + 2]! - expected[i]!)).toBeLessThanOrEqual(3e-6 * expected[i]! + 1e-38);
    }
    expect([out[1], out[length + 2]]).toEqual([7, 7]);
    softmax({ ...shape, x: padded, xOffset: 3, out: padded, outOffset: 3 });
    expect(digest(padded.slice(3, 3 + length))).toBe(digest(out.slice(2, 2 + length)));
  });

  it("fp16 rounds the result once", () => {
    const half = Uint16Array.from(x, halfFromFloat);
    const out = new Uint16Array(length);
    softmax({ ...shape, x: half, out });
    for (let i = 0; i < length; i++) {
      const tolerance = expected[i]! * 2 ** -11 * 1.01 + 2 ** -25;
      expect(Math.abs(floatFromHalf(out[i]!) - expected[i]!)).toBeLessThanOrEqual(tolerance);
    }
  });
});

it("treats masked rows as IEEE arithmetic says", () => {
  const inf = Number.POSITIVE_INFINITY;
  const rows = [
    [-65504, -65504, -65504, -65504],
    [-inf, 0, 0, -inf],
    [-inf, -inf, -inf, -inf],
    [1, Number.NaN, 2, 3],
    [1, inf, 2, 3],
  ];
  const out = new Float32Array(20);
  softmax({ outer: 5, axis: 4, inner: 1, x: Float32Array.from(rows.flat()), out });
  expect([...out.slice(0, 8)]).toEqual([0.25, 0.25, 0.25, 0.25, 0, 0.5, 0.5, 0]);
  expect([...out.slice(8, 16)].every(Number.isNaN)).toBe(true);
  expect(out[17]).toBeNaN();
});

it("gives the same bits for every number of threads", () => {
  const x = randomFloats(300 * 257, 4);
  const runs = [1, 2].map((threads) => {
    setThreads(threads);
    const [rows, columns] = [new Float32Array(x.length), new Float32Array(x.length)];
    softmax({ outer: 300, axis: 257, inner: 1, x, out: rows });
    softmax({ outer: 1, axis: 300, inner: 257, x, out: columns });
    return digest(rows, columns);
  });
  expect(runs[0]).toBe(runs[1]);
});

it("refuses short arrays and partial overlap", () => {
  const x = new Float32Array(12);
  const shape = { outer: 2, axis: 3, inner: 1 };
  expect(() => softmax({ ...shape, x, out: new Float32Array(5) })).toThrow(ArgumentError);
  expect(() => softmax({ ...shape, x, out: x, outOffset: 2 })).toThrow(
    /must be x or not overlap it/,
  );
  expect(() => softmax({ ...shape, axis: 1.5, x, out: x })).toThrow(/softmax.axis/);
});
