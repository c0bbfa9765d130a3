import { afterEach, expect, it } from "vitest";
import { ArgumentError, setThreads, toHalf, transpose, transposeToHalf } from "../src/index.js";
import { digest, transposed } from "./support/numeric.js";
import { randomFloats } from "./support/random.js";

const shapes = [
  [1, 1],
  [1, 40],
  [7, 9],
  [32, 64],
  [33, 31],
  [100, 129],
  [288, 300],
] as const;

afterEach(() => setThreads(2));

it.each(shapes)("moves element (r, c) of [%i, %i] to (c, r)", (rows, columns) => {
  const src = randomFloats(rows * columns, 1);
  const expected = transposed(src, rows, columns);
  const dst = new Float32Array(src.length);
  transpose(src, dst, rows, columns);
  expect(digest(dst)).toBe(digest(expected));

  const expectedHalf = new Uint16Array(src.length);
  toHalf(expected, expectedHalf);
  const half = new Uint16Array(src.length);
  transposeToHalf(src, half, rows, columns);
  expect(digest(half)).toBe(digest(expectedHalf));
});

it("rounds as toHalf does: ties, overflow, denormals, infinities, NaN", () => {
  const special = [65519, 65520, -65520, 1e-8, 2 ** -24, 2 ** -25, 1 + 2 ** -11, 1 + 3 * 2 ** -11];
  const src = Float32Array.from([...special, Number.POSITIVE_INFINITY, Number.NaN, -0, 0]);
  const [rows, columns] = [9, 12];
  const matrix = Float32Array.from({ length: rows * columns }, (_, i) => src[i % 12]!);
  const expected = new Uint16Array(matrix.length);
  toHalf(transposed(matrix, rows, columns), expected);
  const half = new Uint16Array(matrix.length);
  transposeToHalf(matrix, half, rows, columns);
  expect(half).toEqual(expected);
});

it("gives the same bits for every number of threads", () => {
  const src = randomFloats(700 * 310, 2);
  const runs = [1, 2].map((threads) => {
    setThreads(threads);
    const dst = new Float32Array(src.length);
    transpose(src, dst, 700, 310);
    return digest(dst);
  });
  expect(runs[1]).toBe(runs[0]);
});

it("refuses wrong lengths and overlap before any work", () => {
  const six = new Float32Array(6).fill(1);
  expect(() => transpose(six, new Float32Array(7), 2, 3)).toThrow(ArgumentError);
  expect(() => transpose(six, new Float32Array(6), 2, 4)).toThrow(ArgumentError);
  expect(() => transpose(six, six, 2, 3)).toThrow(ArgumentError);
  expect(() => transposeToHalf(six, new Uint16Array(5), 2, 3)).toThrow(ArgumentError);
  expect(() => transposeToHalf(six, new Uint16Array(six.buffer, 0, 6), 2, 3)).toThrow(
    ArgumentError,
  );
  expect(six).toEqual(new Float32Array(6).fill(1));
});
