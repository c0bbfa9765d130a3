/** Sums and means over axes that stay with a dim of 1, in a form that the engine has and that stays within fp16. */
import type { FunctionBuilder } from "../builder.js";
import { squareScale } from "../kernels/rms-norm.js";
import type { Value } from "../program.js";

/** Axes counted from 0; all of them if none are given. */
export function axesFromZero(axes: readonly number[] | undefined, rank: number): readonly number[] {
  return axes?.map((axis) => (axis < 0 ? axis + rank : axis)) ?? [...Array(rank).keys()];
}

/** Σx over axes, which stay with a dim of 1. */
export function sumOver(f: FunctionBuilder, x: Value, axes: readonly number[]): Value {
  return axes.length === 0 ? x : f.reduce_sum({ x, axes, keep_dims: true });
}

/**
 * Mean of x · y over axes, which stay with a dim of 1. In fp16 the factors are scaled by a power of two, so that the sum passes
 * neither end of the range where the mean does not (see kernels/rms-norm.ts).
 */
export function meanProduct(
  f: FunctionBuilder,
  x: Value,
  y: Value,
  axes: readonly number[],
): Value {
  const count = countOver(x, axes);
  const s = x.type.dtype === "fp16" ? squareScale(count) : 1;
  const left = scaled(f, x, s);
  const right = x === y ? left : scaled(f, y, s);
  return scaled(f, sumOver(f, f.mul({ x: left, y: right }), axes), 1 / (count * s * s));
}

/** Mean of x over axes, which stay with a dim of 1, scaled in the same way. */
export function meanOver(f: FunctionBuilder, x: Value, axes: readonly number[]): Value {
  const count = countOver(x, axes);
  const s = x.type.dtype === "fp16" ? squareScale(count) : 1;
  return scaled(f, sumOver(f, scaled(f, x, s), axes), 1 / (count * s));
}

/** x · count or x / count, in factors that fp16 holds. */
export function timesCount(f: FunctionBuilder, x: Value, count: number, power: 1 | -1): Value {
  let product = x;
  let rest = count;
  for (; rest > 2 ** 15; rest /= 2 ** 10) product = f.mul({ x: product, y: 2 ** (10 * power) });
  return scaled(f, product, rest ** power);
}

function countOver({ type: { shape } }: Value, axes: readonly number[]): number {
  return axes.reduce((product, axis) => product * shape[axis]!, 1);
}

function scaled(f: FunctionBuilder, x: Value, factor: number): Value {
  return factor === 1 ? x : f.mul({ x, y: factor });
}
