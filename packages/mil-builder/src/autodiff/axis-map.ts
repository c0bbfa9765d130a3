/** Linear maps along one axis of a tensor. */
import type { FunctionBuilder } from "../builder.js";
import { axisView } from "../evaluate/along-axis.js";
import type { Value } from "../program.js";
import { tensor } from "../tensor-type.js";
import { reshapeTo } from "./reshape-to.js";

/**
 * Each line of `value` along an axis, multiplied by a constant matrix [target, length] given by rows.
 * @param axis not negative
 */
export function multiplyAxis(
  f: FunctionBuilder,
  value: Value,
  axis: number,
  matrix: readonly (readonly number[])[],
): Value {
  const { dtype, shape } = value.type;
  const { outer, length, inner } = axisView(shape, axis);
  const weight = f.constant("along", tensor(dtype, [matrix.length, length]), matrix.flat());
  const [isLast, isSecond] = [axis === shape.length - 1, axis === shape.length - 2];
  const isMatrix = shape.length > 1 && (isLast || isSecond);
  const view = isLast ? [1, 1, outer, length] : [1, outer, length, inner];
  const x = isMatrix ? value : reshapeTo(f, value, view);
  const product = isLast
    ? f.matmul({ x, y: weight, transpose_x: false, transpose_y: true })
    : f.matmul({ x: weight, y: x, transpose_x: false, transpose_y: false });
  return reshapeTo(f, product, shape.with(axis, matrix.length));
}

/** The sum of `copies` that lie one after another along an axis: [.., copies · length, ..] to [.., length, ..]. */
export function sumCopies(f: FunctionBuilder, value: Value, axis: number, copies: number): Value {
  const { outer, length, inner } = axisView(value.type.shape, axis);
  return sumMiddle(f, value, axis, copies, [outer, (length / copies) * inner]);
}

/** The sum of `copies` neighbours along an axis: [.., length · copies, ..] to [.., length, ..]. */
export function sumNeighbours(
  f: FunctionBuilder,
  value: Value,
  axis: number,
  copies: number,
): Value {
  const { outer, length, inner } = axisView(value.type.shape, axis);
  return sumMiddle(f, value, axis, copies, [(outer * length) / copies, inner]);
}

/** The sum over the middle of [before, copies, behind], seen so that the last axis stays as it is where it can. */
function sumMiddle(
  f: FunctionBuilder,
  value: Value,
  axis: number,
  copies: number,
  [before, behind]: readonly [number, number],
): Value {
  const { shape } = value.type;
  if (copies === 1) return value;
  if (copies === shape[axis]) return f.reduce_sum({ x: value, axes: [axis], keep_dims: true });
  const width = axis === shape.length - 1 ? behind : shape.at(-1)!;
  const view = reshapeTo(f, value, [before, copies, behind / width, width]);
  const sum = f.reduce_sum({ x: view, axes: [1], keep_dims: true });
  return reshapeTo(f, sum, shape.with(axis, shape[axis]! / copies));
}
