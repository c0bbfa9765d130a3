import { afterEach, describe, expect, it } from "vitest";
import {
  ArgumentError,
  add,
  allFinite,
  axpy,
  dot,
  scale,
  setThreads,
  sub,
  sumOfSquares,
} from "../src/index.js";
import { digest, relativeError } from "./support/numeric.js";
import { randomFloats } from "./support/random.js";

/** Blocks of 32768 elements; in a block 16 interleaved sums, folded in halves. Doubles, rounded at every step. */
function orderedDot(a: Float32Array, b: Float32Array): number {
  let total = 0;
  for (let begin = 0; begin < a.length; begin += 32768) {
    let sums = Array<number>(16).fill(0);
    for (let i = begin; i < Math.min(begin + 32768, a.length); i++) sums[i % 16]! += a[i]! * b[i]!;
    while (sums.length > 1) {
      const half = sums.length / 2;
      sums = sums.slice(0, half).map((sum, i) => sum + sums[i + half]!);
    }
    total += sums[0]!;
  }
  return total;
}

const lengths = [0, 1, 15, 16, 17, 1000, 70_001];

afterEach(() => setThreads(2));

describe.each(lengths)("vectors of %i", (n) => {
  const a = randomFloats(n, 1);
  const b = randomFloats(n, 2);

  it("add and sub round once, in place too", () => {
    const out = new Float32Array(n);
    add(a, b, out);
    expect(digest(out)).toBe(digest(a.map((x, i) => x + b[i]!)));
    sub(a, b, out);
    expect(digest(out)).toBe(digest(a.map((x, i) => x - b[i]!)));
    const inPlace = a.slice();
    add(inPlace, b, inPlace);
    expect(digest(inPlace)).toBe(digest(a.map((x, i) => x + b[i]!)));
  });

  it("scale rounds once, axpy at most twice", () => {
    const x = a.slice();
    scale(x, 0.1);
    expect(digest(x)).toBe(digest(a.map((value) => value * Math.fround(0.1))));
    const y = b.slice();
    axpy(-0.3, a, y);
    expect(
      relativeError(
        y,
        Array.from(b, (value, i) => value - 0.3 * a[i]!),
      ),
    ).toBeLessThan(2e-7);
  });

  it("dot and sumOfSquares accumulate in double, in the same order on every CPU", () => {
    expect(dot(a, b)).toBe(orderedDot(a, b));
    expect(sumOfSquares(a)).toBe(orderedDot(a, a));
    const exact = a.reduce((sum, x, i) => sum + BigInt(x * b[i]! * 2 ** 100), 0n);
    expect(Math.abs(dot(a, b) - Number(exact) / 2 ** 100)).toBeLessThanOrEqual(1e-16 * n);
  });

  it("gives the same bits for every number of threads", () => {
    const runs = [1, 2].map((threads) => {
      setThreads(threads);
      const y = b.slice();
      axpy(0.7, a, y);
      return { y: digest(y), dot: dot(a, b), finite: allFinite(a) };
    });
    expect(runs[1]).toEqual(runs[0]);
  });

  it("allFinite finds one bad element anywhere, fp32 and fp16", () => {
    expect(allFinite(a)).toBe(true);
    const half = new Uint16Array(n).fill(0x7bff); // 65504, the largest finite half
    expect(allFinite(half)).toBe(true);
    for (const at of new Set([0, 14, Math.floor(n / 2), n - 1].filter((i) => i >= 0 && i < n))) {
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        const x = a.slice();
        x[at] = bad;
        expect(allFinite(x)).toBe(false);
      }
      for (const bad of [0x7c00, 0xfc00, 0x7e00, 0xfc01]) {
        const x = half.slice();
        x[at] = bad;
        expect(allFinite(x)).toBe(false);
      }
    }
  });
});

it("sumOfSquares keeps what fp32 sums lose", () => {
  const x = new Float32Array(2 ** 20 + 1).fill(2 ** -13);
  x[0] = 4096;
  expect(sumOfSquares(x)).toBe(4096 ** 2 + 2 ** -6);
});

it("refuses different lengths and partial overlap before any work", () => {
  const eight = new Float32Array(8).fill(1);
  const shared = new Float32Array(9).fill(1);
  expect(() => add(eight, eight, new Float32Array(7))).toThrow(ArgumentError);
  expect(() => sub(eight, new Float32Array(9), eight)).toThrow(ArgumentError);
  expect(() => axpy(1, shared, eight)).toThrow(ArgumentError);
  expect(() => dot(shared, eight)).toThrow(ArgumentError);
  expect(() => axpy(1, shared.subarray(0, 8), shared.subarray(1))).toThrow(ArgumentError);
  expect(() => scale(eight, Number.NaN)).toThrow(ArgumentError);
  expect(eight).toEqual(new Float32Array(8).fill(1));
});
