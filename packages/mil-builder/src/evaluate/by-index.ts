/**
 * Copies elements chosen per axis by lists of indices: what padding, tiling, reversing, cropping and nearest sampling share.
 */
import type { Tensor } from "../tensor.js";
import { denseStrides } from "./strided.js";

/** In a list of indices: nothing is copied, what the target holds stays. */
export const NOTHING = -1;

/** target[i, j, ...] = x[lists[0][i], lists[1][j], ...], row-major. */
export function copyByIndex(
  x: Tensor,
  lists: readonly (readonly number[])[],
  target: Float64Array,
): void {
  const strides = denseStrides(x.type.shape);
  let position = 0;
  const visit = (axis: number, from: number, copies: boolean): void => {
    if (axis === lists.length) {
      if (copies) target[position] = x.data[from]!;
      position++;
      return;
    }
    const stride = strides[axis]!;
    for (const index of lists[axis]!) {
      visit(axis + 1, from + index * stride, copies && index !== NOTHING);
    }
  };
  visit(0, 0, true);
}

/** 0, 1, ..., length - 1: an axis that stays as it is. */
export function everyIndex(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}
