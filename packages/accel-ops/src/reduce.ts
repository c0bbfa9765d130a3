/** Reductions along one axis. */
import { check } from "./argument-error.js";
import { nativeBinding } from "./native.js";
import type { Real } from "./real.js";
import { checkRows, type RowOptions } from "./row-problem.js";

const native = nativeBinding<{
  reduce(
    op: number,
    outer: number,
    axis: number,
    inner: number,
    x: Real,
    xOffset: number,
    out: Real,
    outOffset: number,
  ): void;
}>();

/** In the order of the native enumeration. */
const reductions = ["sum", "mean", "max", "min", "sumSquare"] as const;

/** The mean is the sum times the reciprocal of the length. */
export type ReduceOperation = (typeof reductions)[number];

/** The number of an operation in the native code; -1 for any other. */
export function reductionCode(op: ReduceOperation): number {
  return reductions.indexOf(op);
}

/** A tensor seen as [outer, axis, inner] and where its reduction along `axis` goes. */
export interface ReduceOptions extends RowOptions {
  readonly op: ReduceOperation;
  /** [outer, inner]; does not overlap `x`. */
  readonly out: Real;
}

/**
 * `out[o, i] = op over a of x[o, a, i]`. Sums are fp32 in an order that depends on the shape alone, rounded once to
 * the type of `out`; the maximum and minimum of a row with NaN are NaN, the sum of nothing is 0.
 *
 * @throws ArgumentError if `axis` is 0 for another operation than sums, an array is too short or `out` overlaps `x`
 */
export function reduce(options: ReduceOptions): void {
  const { op, outer, axis, inner, x, xOffset = 0, out, outOffset = 0 } = options;
  const index = reductionCode(op);
  check(index >= 0, "reduce.op", `must be one of ${reductions.join(", ")}`, op);
  checkRows(options, outer * inner, false, "reduce");
  const defined = axis > 0 || op === "sum" || op === "sumSquare";
  check(defined, "reduce.axis", `must be at least 1 for ${op}`, axis);
  if (outer * inner > 0) native.reduce(index, outer, axis, inner, x, xOffset, out, outOffset);
}
