/**
 * Broadcasting written out: a value with 1 in place of some dims becomes one of the whole shape. Zeros of one axis at a time are
 * added, which every device broadcasts, and whose constants are short.
 */
import type { FunctionBuilder } from "../builder.js";
import type { Value } from "../program.js";
import { sameShape, tensor } from "../tensor-type.js";

/** `value` broadcast to `shape`, which has its rank. */
export function spread(f: FunctionBuilder, value: Value, shape: readonly number[]): Value {
  let whole = value;
  for (const [axis, dim] of shape.entries()) {
    if (whole.type.shape[axis] === dim) continue;
    const line = shape.map((_, index) => (index === axis ? dim : 1));
    const zeros = f.constant("zeros", tensor(value.type.dtype, line), new Float64Array(dim));
    whole = f.add({ x: whole, y: zeros });
  }
  return whole;
}

/** True if a tensor of shape `from` broadcasts to `to` without a change of rank. */
export function spreadsTo(from: readonly number[], to: readonly number[]): boolean {
  return (
    from.length === to.length &&
    (sameShape(from, to) || from.every((dim, axis) => dim === to[axis] || dim === 1))
  );
}
