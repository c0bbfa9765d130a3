import { afterEach, describe, expect, it } from "vitest";
import { ArgumentError, type ReduceOperation, reduce, setThreads } from "../src/index.js";
import { floatFromHalf, halfFromFloat, roundToHalf } from "./support/half.js";
import { digest } from "./support/numeric.js";
import { randomFloats } from "./support/random.js";

const shapes = [
  [1, 1, 1],
  [3, 7, 1],
  [4, 1000, 1],
  [2, 33, 5],
  [1, 768, 70],
  [2, 6, 129],
] as const;

/** One row in float64, and what the magnitude of its rounding errors is measured by. */
const references: Record<ReduceOperation, (row: number[]) => { value: number; magnitude: number }> =
  {
    sum: (row) => ({
      value: row.reduce((a, b) => a + b, 0),
      magnitude: row.reduce((a, b) => a + Math.abs(b), 0),
    }),
    mean: (row) => ({
      value: row.reduce((a, b) => a + b, 0) / row.length,
      magnitude: row.reduce((a, b) => a + Math.abs(b), 0) / row.length,
    }),
    sumSquare: (row) => {
      const value = row.reduce((a, b) => a + b * b, 0);
      return { value, magnitude: value };
    },
    max: (row) => ({ value: Math.max(...row), magnitude: 0 }),
    min: (row) => ({ value: Math.min(...row), magnitude: 0 }),
  };
const operations = Object.keys(references) as ReduceOperation[];

afterEach(() => setThreads(2));

describe.each(shapes)("reduce of [%i, %i, %i]", (outer, axis, inner) => {
  const x = randomFloats(outer * axis * inner, 5, 3).map(roundToHalf);
  const row = (o: number, i: number) =>
    Array.from({ length: axis }, (_, a) => x[(o * axis + a) * inner + i]!);

  it.each(operations)("%s, fp32 and fp16", (op) => {
    const out = new Float32Array(outer * inner + 2);
    const half = new Uint16Array(outer * inner);
    reduce({ op, outer, axis, inner, x, out, outOffset: 1 });
    reduce({ op, outer, axis, inner, x: Uint16Array.from(x, halfFromFloat), out: half });
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        const { value, magnitude } = references[op](row(o, i));
        const error = magnitude * 2 ** -23 * Math.sqrt(axis);
        const at = o * inner + i;
        expect(Math.abs(out[at + 1]! - value)).toBeLessThanOrEqual(error);
        const rounding = Math.abs(value) * 2 ** -11 * 1.01 + 2 ** -25;
        expect(Math.abs(floatFromHalf(half[at]!) - value)).toBeLessThanOrEqual(error + rounding);
      }
    }
    expect([out[0], out[outer * inner + 1]]).toEqual([0, 0]);
  });
});

it("keeps NaN in extremes, wherever it stands", () => {
  for (const position of [0, 15, 16, 63, 64, 69]) {
    const x = randomFloats(70, 6);
    x[position] = Number.NaN;
    for (const op of ["max", "min"] as const) {
      const out = new Float32Array(1);
      reduce({ op, outer: 1, axis: 70, inner: 1, x, out });
      expect(out[0]).toBeNaN();
    }
  }
});

it("gives the same bits for every number of threads", () => {
  const x = randomFloats(300 * 257, 7);
  const runs = [1, 2].map((threads) => {
    setThreads(threads);
    const [rows, columns] = [new Float32Array(300), new Float32Array(257)];
    reduce({ op: "sum", outer: 300, axis: 257, inner: 1, x, out: rows });
    reduce({ op: "sum", outer: 1, axis: 300, inner: 257, x, out: columns });
    return digest(rows, columns);
  });
  expect(runs[0]).toBe(runs[1]);
});

it("sums nothing to 0 and refuses an extreme of nothing", () => {
  const out = Float32Array.of(5);
  const empty = { outer: 1, axis: 0, inner: 1, x: new Float32Array(0), out };
  reduce({ op: "sum", ...empty });
  expect(out[0]).toBe(0);
  expect(() => reduce({ op: "max", ...empty })).toThrow(ArgumentError);
  expect(() => reduce({ op: "sum", ...empty, axis: 2 })).toThrow(
    /reduce.x.data: must have at least 2 elements/,
  );
});
