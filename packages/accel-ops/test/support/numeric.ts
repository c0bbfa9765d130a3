/**
 * What the tests of the training ops share: token ids, an error measure, a fingerprint of results, central finite
 * differences of a float64 function, a plain transposition.
 */
import { createHash } from "node:crypto";
import { randomNumbers } from "./random.js";

/** `length` integers of [0, limit), a function of (length, seed). */
export function integers(length: number, seed: number, limit: number): number[] {
  const next = randomNumbers(seed);
  return Array.from({ length }, () => Math.floor(next() * limit));
}

/** Largest |actual - expected|, over the largest |expected| (or 1 where all are 0). NaN counts as infinite. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!);
    worst = Math.max(worst, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return worst / (largest || 1);
}

/** A digest of the arrays' bytes: equal digests are equal bits. */
export function digest(...arrays: (Float32Array | Uint16Array)[]): string {
  const hash = createHash("sha256");
  for (const array of arrays) hash.update(array);
  return hash.digest("hex");
}

/** The gradient of `f` at `x` by central differences in float64, one element at a time. */
export function numericGradient(
  f: (x: Float64Array) => number,
  x: ArrayLike<number>,
  step = 1e-5,
): Float64Array {
  const at = Float64Array.from(x);
  return at.map((value, i) => {
    at[i] = value + step;
    const above = f(at);
    at[i] = value - step;
    const below = f(at);
    at[i] = value;
    return (above - below) / (2 * step);
  });
}

/** Element (r, c) of a [rows, columns] matrix goes to (c, r) of the result. */
export function transposed<T extends Float32Array | Float64Array>(
  matrix: T,
  rows: number,
  columns: number,
): T {
  const result = matrix.slice() as T;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) result[c * rows + r] = matrix[r * columns + c]!;
  }
  return result;
}
