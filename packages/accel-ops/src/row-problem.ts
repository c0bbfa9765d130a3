/** What operations along the middle of [outer, axis, inner] have in common. */
import { check, checkInteger } from "./argument-error.js";
import type { Real } from "./real.js";
import { checkOperand, disjoint, type Operand, startOf } from "./strided.js";

/** A contiguous tensor seen as [outer, axis, inner]. */
export interface RowOptions {
  readonly outer: number;
  readonly axis: number;
  readonly inner: number;
  /** [outer, axis, inner] */
  readonly x: Real;
  /** First element of `x`; default 0. */
  readonly xOffset?: number;
  readonly out: Real;
  /** First element of `out`; default 0. */
  readonly outOffset?: number;
}

/** Checks sizes and lengths; `out` has `outLength` elements and overlaps `x` only where it is the same, if that is allowed. */
export function checkRows(
  options: RowOptions,
  outLength: number,
  mayBeInPlace: boolean,
  where: string,
): void {
  const { outer, axis, inner, x, xOffset = 0, out, outOffset = 0 } = options;
  checkInteger(outer, `${where}.outer`);
  checkInteger(axis, `${where}.axis`);
  checkInteger(inner, `${where}.inner`);
  const [xSizes, outSizes] = [[outer * axis * inner], [outLength]];
  const from: Operand = { data: x, offset: xOffset, strides: [1] };
  const to: Operand = { data: out, offset: outOffset, strides: [1] };
  checkOperand(from, xSizes, `${where}.x`);
  checkOperand(to, outSizes, `${where}.out`);
  const same =
    mayBeInPlace && x.BYTES_PER_ELEMENT === out.BYTES_PER_ELEMENT && startOf(from) === startOf(to);
  const rule = mayBeInPlace ? "must be x or not overlap it" : "must not overlap x";
  check(same || disjoint(from, xSizes, to, outSizes), `${where}.out`, rule, "shared memory");
}
