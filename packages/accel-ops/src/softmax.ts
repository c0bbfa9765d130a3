/** Softmax along one axis. */
import { nativeBinding } from "./native.js";
import type { Real } from "./real.js";
import { checkRows, type RowOptions } from "./row-problem.js";

const native = nativeBinding<{
  softmax(
    outer: number,
    axis: number,
    inner: number,
    x: Real,
    xOffset: number,
    out: Real,
    outOffset: number,
  ): void;
}>();

/** A tensor seen as [outer, axis, inner] and where its softmax along `axis` goes. */
export interface SoftmaxOptions extends RowOptions {
  /** [outer, axis, inner]; may be `x`. */
  readonly out: Real;
}

/**
 * `out[o, a, i] = e^(x[o, a, i] - m) / Σ_a e^(x[o, a, i] - m)`, m the largest element along the axis. fp32 inside,
 * rounded once to the type of `out`. Elements of -infinity become 0; a row that holds NaN or +infinity, or nothing but
 * -infinity, becomes NaN.
 *
 * @throws ArgumentError if an array is too short or `out` overlaps `x` without being the same
 */
export function softmax(options: SoftmaxOptions): void {
  const { outer, axis, inner, x, xOffset = 0, out, outOffset = 0 } = options;
  checkRows(options, outer * axis * inner, true, "softmax");
  if (outer * axis * inner > 0) native.softmax(outer, axis, inner, x, xOffset, out, outOffset);
}
