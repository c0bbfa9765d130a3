/** The gradient of a slice: its elements put back where they were cut out, zeros around them. */
import type { FunctionBuilder } from "../builder.js";
import type { Value } from "../program.js";
import { elementCount } from "../tensor-type.js";
import { reshapeTo } from "./reshape-to.js";

/**
 * A tensor of `shape` with `value` at `begin`, `strides` apart along each axis, and zeros elsewhere.
 * @param value has the rank of `shape`
 * @param begin where the first element goes, per axis
 * @param strides default 1s; negative ones go towards the begin of the axis
 */
export function place(
  f: FunctionBuilder,
  value: Value,
  shape: readonly number[],
  begin: readonly number[],
  strides: readonly number[] = [],
): Value {
  const first = [...begin];
  const turned: number[] = [];
  for (const [axis, length] of value.type.shape.entries()) {
    if ((strides[axis] ?? 1) > 0) continue;
    first[axis] = begin[axis]! + (length - 1) * strides[axis]!;
    if (length > 1) turned.push(axis);
  }
  let placed = turned.length > 0 ? f.reverse({ x: value, axes: turned }) : value;
  for (const axis of shape.keys()) {
    const stride = Math.abs(strides[axis] ?? 1);
    if (stride > 1 && placed.type.shape[axis]! > 1) placed = interleave(f, placed, axis, stride);
  }
  placed = cut(
    f,
    placed,
    shape.map((dim, axis) => dim - first[axis]!),
  );
  return padded(
    f,
    placed,
    first,
    shape.map((dim, axis) => dim - first[axis]! - placed.type.shape[axis]!),
  );
}

/** `stride - 1` zeros behind every element of an axis. */
function interleave(f: FunctionBuilder, value: Value, axis: number, stride: number): Value {
  const { shape } = value.type;
  const lines = elementCount(shape.slice(0, axis + 1));
  const inner = elementCount(shape.slice(axis + 1));
  const apart = padded(
    f,
    reshapeTo(f, value, [1, lines, 1, inner]),
    [0, 0, 0, 0],
    [0, 0, stride - 1, 0],
  );
  return reshapeTo(f, apart, shape.with(axis, shape[axis]! * stride));
}

/** The first `most` elements per axis, or all where there are fewer. */
export function cut(f: FunctionBuilder, value: Value, most: readonly number[]): Value {
  const { shape } = value.type;
  const size = shape.map((dim, axis) => Math.min(dim, most[axis]!));
  if (size.every((dim, axis) => dim === shape[axis])) return value;
  return f.slice_by_size({ x: value, begin: shape.map(() => 0), size });
}

/** Zeros around a value, so many before and after each axis. */
export function padded(
  f: FunctionBuilder,
  value: Value,
  before: readonly number[],
  after: readonly number[],
): Value {
  const amounts = before.flatMap((amount, axis) => [amount, after[axis]!]);
  if (amounts.every((amount) => amount === 0)) return value;
  return f.pad({ x: value, pad: amounts, mode: "constant", constant_val: 0 });
}
