/** The gradient of broadcasting: the sum over the axes along which an operand was repeated. */
import type { FunctionBuilder } from "../builder.js";
import type { Value } from "../program.js";
import { timesCount } from "./along-axes.js";

/**
 * The gradient of an operand of shape `to` that was broadcast to `from`.
 * @param value gradient of the broadcast operand; its dims are those of `from`, or 1 where it is constant along them
 * @returns a value of the rank of `to`, whose dims are those of `to`, or 1 where it is constant
 */
export function sumToShape(
  f: FunctionBuilder,
  value: Value,
  from: readonly number[],
  to: readonly number[],
): Value {
  const extra = from.length - to.length;
  const repeated = [...from.keys()].filter(
    (axis) => axis < extra || to[axis - extra] !== from[axis],
  );
  const summed = repeated.filter((axis) => value.type.shape[axis] !== 1);
  // Where the gradient itself is constant, the sum is a multiple.
  const copies = repeated
    .filter((axis) => value.type.shape[axis] === 1)
    .reduce((product, axis) => product * from[axis]!, 1);
  let sum = value;
  if (summed.length > 0) {
    const isDropped = extra > 0 && summed.length === extra && summed.every((axis) => axis < extra);
    sum = f.reduce_sum({ x: sum, axes: summed, keep_dims: !isDropped });
  }
  sum = timesCount(f, sum, copies, 1);
  if (sum.type.shape.length === to.length) return sum;
  return f.squeeze({ x: sum, axes: [...Array(extra).keys()] });
}
