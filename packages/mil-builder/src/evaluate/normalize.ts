/** Applies a function to the elements along some axes, for each index of the others. */
import type { Tensor } from "../tensor.js";
import { copyStrided, denseStrides, permuted } from "./strided.js";

/** Replaces the elements of a row, which come in the order of their dims. */
export type NormalizeRow = (row: Float64Array) => void;

/** out = x with every row along `axes` (not negative) replaced. */
export function normalizeRows(
  x: Tensor,
  axes: readonly number[],
  out: Tensor,
  normalize: NormalizeRow,
): void {
  const { shape } = x.type;
  const order = [...shape.keys()];
  const perm = [
    ...order.filter((axis) => !axes.includes(axis)),
    ...order.filter((axis) => axes.includes(axis)),
  ];
  const rows = Float64Array.from(permuted(x, perm));
  const length = axes.reduce((product, axis) => product * shape[axis]!, 1);
  for (let start = 0; start < rows.length; start += length) {
    normalize(rows.subarray(start, start + length));
  }
  const strides = denseStrides(shape);
  const permutedShape = perm.map((axis) => shape[axis]!);
  copyStrided(
    permutedShape,
    { data: rows, offset: 0, strides: denseStrides(permutedShape) },
    { data: out.data, offset: 0, strides: perm.map((axis) => strides[axis]!) },
  );
}
