/**
 * Sliding windows as tensors: their elements side by side (for products with them), and the gradient of that, in which windows
 * that overlap add up. Axes are geometries of the 1 to 3 spatial dims behind [N, C].
 */
import type { FunctionBuilder } from "../builder.js";
import type { WindowAxis } from "../evaluate/window-axis.js";
import type { Value } from "../program.js";
import { elementCount, tensor } from "../tensor-type.js";
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
  const lines = values.map((value) => reshapeTo(f, value, [batch, channels, 1, positions]));
  const joined = f.concat({ values: lines, axis: 2, interleave: false });
  return reshapeTo(f, joined, [batch, groups, rows, positions]);
}

/**
 * What each channel of y [N, C, ...] has in common with each row of columns [N, groups, K, positions]: their products, summed
 * over positions and batch, in the shape of `weight` [C, K, ...].
 */
export function productWithWindows(
  f: FunctionBuilder,
  y: Value,
  columns: Value,
  weight: Value,
): Value {
  const [batch, groups, , positions] = columns.type.shape as [number, number, number, number];
  const rows = reshapeTo(f, y, [batch, groups, y.type.shape[1]! / groups, positions]);
  const product = f.matmul({ x: rows, y: columns, transpose_x: false, transpose_y: true });
  const sum = batch === 1 ? product : f.reduce_sum({ x: product, axes: [0], keep_dims: true });
  return reshapeTo(f, sum, weight.type.shape);
}

/** Sums of y [N, C, ...] per channel: [C]. */
export function channelSums(f: FunctionBuilder, y: Value): Value {
  const [, channels] = y.type.shape;
  const axes = [...y.type.shape.keys()].filter((axis) => axis !== 1);
  if (elementCount(y.type.shape) === channels) return reshapeTo(f, y, [channels!]);
  return f.reduce_sum({ x: y, axes, keep_dims: false });
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

/**
 * Elements that belong to the taps of windows, added up where the taps read: [P, 1, ...input].
 * @param parts [P, taps, ...output]; with a single one for all taps, each of them takes it
 */
export function addTaps(f: FunctionBuilder, parts: Value, axes: readonly WindowAxis[]): Value {
  const kernel = axes.map((axis) => axis.kernel);
  const [count, given] = [elementCount(kernel), parts.type.shape[1]!];
  const elements = Array.from({ length: given * count }, (_, index) =>
    given === 1 || Math.floor(index / count) === index % count ? 1 : 0,
  );
  const weight = f.constant("window", tensor(parts.type.dtype, [given, 1, ...kernel]), elements);
  return addWindows(f, parts, weight, axes, 1);
}

/** The elements of dy [N, C, ...] that a window of the full result reads, so many from the begin of each axis. */
export function cutSpatial(f: FunctionBuilder, dy: Value, most: readonly number[]): Value {
  return cut(f, dy, [...dy.type.shape.slice(0, 2), ...most]);
}

/** Elements from the first tap to the last one. */
export function reachOf({ kernel, dilation }: WindowAxis): number {
  return (kernel - 1) * dilation + 1;
}
