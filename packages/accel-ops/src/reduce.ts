/** Sums and extremes along one axis. */
import { check, checkInteger } from "./argument-error.js";
import { checkReal } from "./checks.js";
import { nativeBinding } from "./native.js";
import type { Real } from "./real.js";

const native = nativeBinding<{
  reduce(
    operation: number,
    x: Real,
    out: Real,
    xOffset: number,
    outOffset: number,
    outer: number,
    axis: number,
    inner: number,
  ): void;
}>();

/** The order is that of `Reduction` in native/ops/reduce.h. */
const reduceOperations = ["sum", "mean", "sumSquare", "max", "min"] as const;

export type ReduceOperation = (typeof reduceOperations)[number];

export interface ReduceOptions {
  readonly op: ReduceOperation;
  readonly outer: number;
  readonly axis: number;
  readonly inner: number;
  /** [outer, axis, inner] from `xOffset` elements on. */
  readonly x: Real;
  readonly xOffset?: number;
  /** [outer, inner] from `outOffset` elements on; must not overlap `x`. */
  readonly out: Real;
  readonly outOffset?: number;
}

/**
 * Reduces the middle axis in fp32, in an order that depends on the shape alone, and rounds once to the type of `out`.
 * max and min of a NaN are NaN.
 *
 * @throws ArgumentError, also for a mean, max or min over nothing
 */
export function reduce(options: ReduceOptions): void {
  const { op, outer, axis, inner, x, xOffset = 0, out, outOffset = 0 } = options;
  const operation = reduceOperations.indexOf(op);
  check(operation >= 0, "reduce.op", `must be one of ${reduceOperations.join(", ")}`, op);
  checkInteger(outer, "reduce.outer");
  checkInteger(axis, "reduce.axis", op === "sum" || op === "sumSquare" ? 0 : 1);
  checkInteger(inner, "reduce.inner");
  checkReal(x, "reduce.x", xOffset, outer * axis * inner);
  checkReal(out, "reduce.out", outOffset, outer * inner);
  if (x.buffer === out.buffer) {
    const from = x.byteOffset + xOffset * x.BYTES_PER_ELEMENT;
    const to = out.byteOffset + outOffset * out.BYTES_PER_ELEMENT;
    const apart =
      from >= to + outer * inner * out.BYTES_PER_ELEMENT ||
      to >= from + outer * axis * inner * x.BYTES_PER_ELEMENT;
    check(apart, "reduce.out", "must not overlap x", "shared memory");
  }
  native.reduce(operation, x, out, xOffset, outOffset, outer, axis, inner);
}
