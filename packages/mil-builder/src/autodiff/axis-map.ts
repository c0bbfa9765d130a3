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
  const weight = f.constant("along", tensor(dtype, [1, 1, matrix.length, length]), matrix.flat());
  const product =
    inner === 1
      ? f.matmul({
          x: reshapeTo(f, value, [1, 1, outer, length]),
          y: weight,
          transpose_x: false,
          transpose_y: true,
        })
      : f.matmul({
          x: weight,
          y: reshapeTo(f, value, [1, outer, length, inner]),
          transpose_x: false,
          transpose_y: false,
        });
  return reshapeTo(f, product, shape.with(axis, matrix.length));
}

/** The sum of `copies` that lie one after another along an axis: [.., copies · length, ..] to [.., length, ..]. */
export function sumCopies(f: FunctionBuilder, value: Value, axis: number, copies: number): Value {
  if (copies === 1) return value;
  const { outer, length, inner } = axisView(value.type.shape, axis);
  return sumMiddle(f, value, [outer, copies, (length / copies) * inner], axis, length / copies);
}

/** The sum of `copies` neighbours along an axis: [.., length · copies, ..] to [.., length, ..]. */
export function sumNeighbours(
  f: FunctionBuilder,
  value: Value,
  axis: number,
  copies: number,
): Value {
  if (copies === 1) return value;
  const { outer, length, inner } = axisView(value.type.shape, axis);
  return sumMiddle(f, value, [(outer * length) / copies, copies, inner], axis, length / copies);
}

function sumMiddle(
  f: FunctionBuilder,
  value: Value,
  [before, copies, behind]: readonly [number, number, number],
  axis: number,
  length: number,
): Value {
  const view = reshapeTo(f, value, [1, before, copies, behind]);
  const sum = f.reduce_sum({ x: view, axes: [2], keep_dims: true });
  return reshapeTo(f, sum, value.type.shape.with(axis, length));
}
