/**
 * Sliding windows as tensors: their elements side by side (for products with them), and the gradient of that, in which windows
 * that overlap add up. Axes are geometries of the 1 to 3 spatial dims behind [N, C].
 */
import type { FunctionBuilder } from "../builder.js";
import type { WindowAxis } from "../evaluate/window-axis.js";
import type { Value } from "../program.js";
import { elementCount } from "../tensor-type.js";
import { cut, padded } from "./place.js";
import { reshapeTo } from "./reshape-to.js";
import { zerosOf } from "./zeros.js";

/** Elements of x [N, C, ...input] at each tap of a kernel, every one [N, C, ...output]; `around` stands outside of x. */
export function taps(
  f: FunctionBuilder,
  x: Value,
  axes: readonly WindowAxis[],
  around = 0,
): readonly Value[] {
  const amounts = axes.flatMap((axis) => {
    const needed = (axis.output - 1) * axis.stride + reachOf(axis);
    return [axis.before, Math.max(0, needed - axis.input - axis.before)];
  });
  const isPadded = amounts.some((amount) => amount > 0);
  const source = isPadded ? f.pad({ x, pad: amounts, mode: "constant", constant_val: around }) : x;
  return tapOffsets(axes).map((offsets) => tapAt(f, source, axes, offsets));
}

function tapAt(
  f: FunctionBuilder,
  x: Value,
  axes: readonly WindowAxis[],
  offsets: readonly number[],
): Value {
  const { shape } = x.type;
  const size = [...shape.slice(0, 2), ...axes.map(({ output }) => output)];
  if (size.every((dim, axis) => dim === shape[axis])) return x;
  const begin = [0, 0, ...offsets];
  if (axes.every(({ stride, output }) => stride === 1 || output === 1)) {
    return f.slice_by_size({ x, begin, size });
  }
  const stride = [1, 1, ...axes.map((axis) => axis.stride)];
  const end = begin.map((first, axis) => first + (size[axis]! - 1) * stride[axis]! + 1);
  return f.slice_by_index({ x, begin, end, stride });
}

/** Where each tap of the kernel begins to read, row-major. */
function tapOffsets(axes: readonly WindowAxis[]): readonly (readonly number[])[] {
  return axes.reduce<readonly (readonly number[])[]>(
    (found, { kernel, dilation }) =>
      found.flatMap((offsets) =>
        Array.from({ length: kernel }, (_, tap) => [...offsets, tap * dilation]),
      ),
    [[]],
  );
}

/** All windows of x [N, C, ...input] as the columns of a matrix per group: [N, groups, C/groups · taps, positions]. */
export function windowColumns(
  f: FunctionBuilder,
  x: Value,
  axes: readonly WindowAxis[],
  groups: number,
): Value {
  const [batch, channels] = x.type.shape as [number, number];
  const positions = elementCount(axes.map(({ output }) => output));
  const values = taps(f, x, axes);
  const rows = (channels / groups) * values.length;
  if (values.length === 1) return reshapeTo(f, values[0]!, [batch, groups, rows, positions]);
  const flat = values.map((value) => reshapeTo(f, value, [batch, channels, positions]));
  return reshapeTo(f, f.stack({ values: flat, axis: 2 }), [batch, groups, rows, positions]);
}

/**
 * Every element of dy [N, C, ...output] times the kernel, added up where it came from: [N, C', ...input].
 * @param weight [C, C'/groups, ...kernel]
 */
export function addWindows(
  f: FunctionBuilder,
  dy: Value,
  weight: Value,
  axes: readonly WindowAxis[],
  groups: number,
): Value {
  const shape = [
    dy.type.shape[0]!,
    weight.type.shape[1]! * groups,
    ...axes.map(({ input }) => input),
  ];
  const full = axes.map((axis) => (axis.output - 1) * axis.stride + reachOf(axis));
  if (axes.some(({ before }, axis) => full[axis]! <= before)) {
    return zerosOf(f, { ...dy.type, shape });
  }
  const rest = axes.map(({ before, input }, axis) => full[axis]! - before - input);
  const sum = f.conv_transpose({
    x: dy,
    weight,
    strides: axes.map(({ stride }) => stride),
    pad_type: "custom",
    pad: axes.flatMap(({ before }, axis) => [before, Math.max(0, rest[axis]!)]),
    dilations: axes.map(({ dilation }) => dilation),
    groups,
  });
  const missing = rest.map((amount) => Math.max(0, -amount));
  return padded(
    f,
    sum,
    shape.map(() => 0),
    [0, 0, ...missing],
  );
}

/** The elements of dy [N, C, ...] that a window of the full result reads, so many from the begin of each axis. */
export function cutSpatial(f: FunctionBuilder, dy: Value, most: readonly number[]): Value {
  return cut(f, dy, [...dy.type.shape.slice(0, 2), ...most]);
}

/** Elements from the first tap to the last one. */
export function reachOf({ kernel, dilation }: WindowAxis): number {
  return (kernel - 1) * dilation + 1;
}
