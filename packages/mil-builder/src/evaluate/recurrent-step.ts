/** What the recurrent layers share: products with rows of weights, and the walk along a sequence. */
import type { Tensor } from "../tensor.js";

export type Activation = (x: number) => number;

/** rows of `matrix` [R, K] times `vector` from `at`, plus bias. */
export function affineRows(
  matrix: Tensor,
  vector: ArrayLike<number>,
  at: number,
  bias?: Tensor,
): Float64Array<ArrayBuffer> {
  const [rows, length] = matrix.type.shape as [number, number];
  const result = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = bias?.data[row] ?? 0;
    for (let k = 0; k < length; k++) sum += matrix.data[row * length + k]! * vector[at + k]!;
    result[row] = sum;
  }
  return result;
}

/**
 * Calls `step(t, b, order)` for every batch row and every time, in order.
 * @param steps S, the length of the sequence
 */
export function walk(
  steps: number,
  batch: number,
  reverse: boolean,
  step: (t: number, b: number, order: number) => void,
): void {
  for (let b = 0; b < batch; b++) {
    for (let order = 0; order < steps; order++) step(reverse ? steps - 1 - order : order, b, order);
  }
}
