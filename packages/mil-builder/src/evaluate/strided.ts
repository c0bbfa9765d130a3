/** Moves elements between row-major arrays seen through strides: the one loop behind broadcast, transpose, slice and concat. */
import type { Tensor } from "../tensor.js";
import { elementCount, sameShape } from "../tensor-type.js";

/** `data` seen through strides (in elements, one per dimension; 0 repeats) from `offset`. */
export interface View {
  readonly data: Float64Array;
  readonly offset: number;
  readonly strides: readonly number[];
}

/** Row-major strides of a dense array. */
export function denseStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** The whole tensor as a view. */
export function denseView({ type, data }: Tensor): View {
  return { data, offset: 0, strides: denseStrides(type.shape) };
}

/** target[i] = source[i] for every index i of `shape`. */
export function copyStrided(shape: readonly number[], source: View, target: View): void {
  if (shape.length === 0) {
    target.data[target.offset] = source.data[source.offset]!;
    return;
  }
  copyAxis(0, shape, source, source.offset, target, target.offset);
}

function copyAxis(
  axis: number,
  shape: readonly number[],
  source: View,
  from: number,
  target: View,
  to: number,
): void {
  const length = shape[axis]!;
  const fromStride = source.strides[axis]!;
  const toStride = target.strides[axis]!;
  if (axis < shape.length - 1) {
    for (let i = 0; i < length; i++) {
      copyAxis(axis + 1, shape, source, from + i * fromStride, target, to + i * toStride);
    }
    return;
  }
  const { data } = source;
  const output = target.data;
  for (let i = 0; i < length; i++) output[to + i * toStride] = data[from + i * fromStride]!;
}

/** Elements of `tensor` broadcast to `shape`; the tensor's own array if the shapes are equal. */
export function broadcastTo({ type, data }: Tensor, shape: readonly number[]): Float64Array {
  if (sameShape(type.shape, shape)) return data;
  const result = new Float64Array(elementCount(shape));
  if (data.length === 1) return result.fill(data[0]!);
  const own = denseStrides(type.shape);
  const lead = shape.length - type.shape.length;
  const strides = shape.map((_, axis) =>
    axis < lead || type.shape[axis - lead] === 1 ? 0 : own[axis - lead]!,
  );
  copyStrided(
    shape,
    { data, offset: 0, strides },
    { data: result, offset: 0, strides: denseStrides(shape) },
  );
  return result;
}

/** Elements in the order of the permuted axes: result axis i is `perm[i]` of the tensor. */
export function permuted({ type, data }: Tensor, perm: readonly number[]): Float64Array {
  if (perm.every((axis, index) => axis === index)) return data;
  const own = denseStrides(type.shape);
  const shape = perm.map((axis) => type.shape[axis]!);
  const result = new Float64Array(data.length);
  copyStrided(
    shape,
    { data, offset: 0, strides: perm.map((axis) => own[axis]!) },
    { data: result, offset: 0, strides: denseStrides(shape) },
  );
  return result;
}
