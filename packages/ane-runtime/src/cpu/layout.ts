/**
 * Where the elements of a tensor lie in a buffer. Each dim is a list of factors (outermost first), each with its own
 * stride: a merged, split or repeated dim still has a layout, so that reshapes and repetitions move no element.
 * Strides and offsets count elements. Factors of size 1 are left out: a dim of size 1 is the empty list.
 */
import { elementCount, type Shape } from "./shape.js";

export interface Factor {
  readonly size: number;
  readonly stride: number;
}

export interface Layout {
  readonly offset: number;
  readonly dims: readonly (readonly Factor[])[];
}

export function shapeOf(layout: Layout): number[] {
  return layout.dims.map((factors) => factors.reduce((size, factor) => size * factor.size, 1));
}

/** One stride per dim. */
export function stridedLayout(shape: Shape, strides: readonly number[], offset = 0): Layout {
  return {
    offset,
    dims: shape.map((size, axis) => (size === 1 ? [] : [{ size, stride: strides[axis]! }])),
  };
}

/** Row-major without gaps. */
export function packedLayout(shape: Shape): Layout {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return stridedLayout(shape, strides);
}

/** Without gaps, the factors of all dims in the memory order that they have in `model`; repeated ones come first. */
export function packedLike(model: Layout): Layout {
  const factors = model.dims.flatMap((dim, axis) =>
    dim.map((factor, index) => ({ ...factor, axis, index })),
  );
  const rank = ({ stride }: Factor) => (stride === 0 ? Number.POSITIVE_INFINITY : Math.abs(stride));
  // sort is stable: factors that the model cannot tell apart stay in row-major order.
  factors.sort((a, b) => (rank(a) === rank(b) ? 0 : rank(b) - rank(a)));
  const dims = model.dims.map((dim) => [...dim]);
  let stride = 1;
  for (const { axis, index, size } of factors.reverse()) {
    dims[axis]![index] = { size, stride };
    stride *= size;
  }
  return { offset: 0, dims: dims.map(mergeFactors) };
}

/** Packed, with whole dims in memory in the given order, outermost first. */
export function packedInOrder(shape: Shape, order: readonly number[]): Layout {
  const strides = new Array<number>(shape.length).fill(0);
  let stride = 1;
  for (const axis of [...order].reverse()) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return stridedLayout(shape, strides);
}

/** Axes longer than 1 from the largest stride to the smallest; undefined where the dims interleave. */
export function memoryOrder(layout: Layout): number[] | undefined {
  if (layout.dims.some((factors) => factors.length > 1)) return undefined;
  const strideOf = (axis: number) => layout.dims[axis]![0]!.stride;
  const axes = layout.dims.flatMap((factors, axis) => (factors.length === 0 ? [] : [axis]));
  return axes.sort((a, b) => strideOf(b) - strideOf(a) || a - b);
}

/** Neighbouring factors become one where one stride serves both. */
function mergeFactors(factors: readonly Factor[]): Factor[] {
  const merged: Factor[] = [];
  for (const factor of factors) {
    const outer = merged.at(-1);
    if (factor.size === 1) continue;
    if (outer && outer.stride === factor.stride * factor.size) {
      merged[merged.length - 1] = { size: outer.size * factor.size, stride: factor.stride };
    } else {
      merged.push(factor);
    }
  }
  return merged;
}

/** The same elements in the same row-major order under another shape; undefined where a factor would have to be torn. */
export function reshapeLayout(layout: Layout, shape: Shape): Layout | undefined {
  if (elementCount(shapeOf(layout)) !== elementCount(shape)) return undefined;
  const source = mergeFactors(layout.dims.flat());
  const dims: Factor[][] = shape.map(() => []);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    let left = shape[axis]!;
    while (left > 1) {
      const inner = source.pop()!;
      const size = greatestCommonDivisor(left, inner.size);
      if (size === 1) return undefined;
      dims[axis]!.unshift({ size, stride: inner.stride });
      if (size < inner.size) {
        source.push({ size: inner.size / size, stride: inner.stride * size });
      }
      left /= size;
    }
  }
  return { offset: layout.offset, dims: dims.map(mergeFactors) };
}

/** Dim i of the result is dim perm[i] of the layout. */
export function transposeLayout(layout: Layout, perm: readonly number[]): Layout {
  return { offset: layout.offset, dims: perm.map((axis) => layout.dims[axis]!) };
}

export function inversePermutation(perm: readonly number[]): number[] {
  const inverse = new Array<number>(perm.length);
  perm.forEach((axis, i) => {
    inverse[axis] = i;
  });
  return inverse;
}

/** Elements begin + j·step, 0 ≤ j < size, of each dim; undefined where the range cuts a split dim unevenly. */
export function sliceLayout(
  layout: Layout,
  begin: readonly number[],
  size: Shape,
  step: readonly number[] = begin.map(() => 1),
): Layout | undefined {
  let { offset } = layout;
  const dims: (readonly Factor[])[] = [];
  for (let axis = 0; axis < layout.dims.length; axis++) {
    const part = sliceFactors(layout.dims[axis]!, begin[axis]!, size[axis]!, step[axis]!);
    if (!part) return undefined;
    offset += part.offset;
    dims.push(part.factors);
  }
  return { offset, dims };
}

function sliceFactors(
  factors: readonly Factor[],
  begin: number,
  size: number,
  step: number,
): { offset: number; factors: readonly Factor[] } | undefined {
  const [outer, ...rest] = factors;
  if (!outer) return { offset: 0, factors };
  if (rest.length === 0) {
    const kept = size === 1 ? [] : [{ size, stride: outer.stride * step }];
    return { offset: begin * outer.stride, factors: kept };
  }
  const block = rest.reduce((product, factor) => product * factor.size, 1);
  const index = Math.floor(begin / block);
  if (index === Math.floor((begin + (size - 1) * step) / block)) {
    const part = sliceFactors(rest, begin % block, size, step);
    return part && { offset: part.offset + index * outer.stride, factors: part.factors };
  }
  if (step !== 1 || begin % block !== 0 || size % block !== 0) return undefined;
  const kept = { size: size / block, stride: outer.stride };
  return { offset: index * outer.stride, factors: [kept, ...rest] };
}

/** The tensor `count` times after itself along one dim, without moving it. */
export function repeatLayout(layout: Layout, axis: number, count: number): Layout {
  const dims = layout.dims.map((factors, i) =>
    i === axis && count > 1 ? [{ size: count, stride: 0 }, ...factors] : factors,
  );
  return { offset: layout.offset, dims };
}

/** Dims of size 1 and missing leading dims are repeated to `shape`, which the layout must broadcast to. */
export function broadcastLayout(layout: Layout, shape: Shape): Layout {
  const missing = shape.length - layout.dims.length;
  const dims = shape.map((size, axis) => {
    const factors = layout.dims[axis - missing] ?? [];
    return factors.length === 0 && size > 1 ? [{ size, stride: 0 }] : factors;
  });
  return { offset: layout.offset, dims };
}

/** A loop nest over the elements that several layouts of one shape share: sizes, and a list of strides per layout. */
export interface LoopNest {
  readonly sizes: readonly number[];
  readonly strides: readonly (readonly number[])[];
}

/** The coarsest common loop nest, in row-major order; undefined where the layouts split a dim incompatibly. */
export function loopNest(layouts: readonly Layout[]): LoopNest | undefined {
  const sizes: number[] = [];
  const strides: number[][] = layouts.map(() => []);
  for (let axis = layouts[0]!.dims.length - 1; axis >= 0; axis--) {
    const left = layouts.map(({ dims }) => [...dims[axis]!]);
    while (left[0]!.length > 0) {
      const inner = left.map((factors) => factors.pop()!);
      const size = inner.reduce((common, factor) => greatestCommonDivisor(common, factor.size), 0);
      if (size === 1) return undefined;
      sizes.unshift(size);
      inner.forEach((factor, i) => {
        strides[i]!.unshift(factor.stride);
        if (size < factor.size) {
          left[i]!.push({ size: factor.size / size, stride: factor.stride * size });
        }
      });
    }
  }
  return mergeLoops({ sizes, strides });
}

/** Neighbouring loops become one where that is the same to every layout. */
function mergeLoops({ sizes, strides }: LoopNest): LoopNest {
  const mergedSizes: number[] = [];
  const merged: number[][] = strides.map(() => []);
  sizes.forEach((size, loop) => {
    const outer = mergedSizes.length - 1;
    const fits = outer >= 0 && strides.every((own, i) => merged[i]![outer] === own[loop]! * size);
    if (fits) {
      mergedSizes[outer]! *= size;
      strides.forEach((own, i) => {
        merged[i]![outer] = own[loop]!;
      });
    } else {
      mergedSizes.push(size);
      strides.forEach((own, i) => {
        merged[i]!.push(own[loop]!);
      });
    }
  });
  return { sizes: mergedSizes, strides: merged };
}

/** The nest with its loops ordered by the first layout's strides, largest outermost: the order of its memory. */
export function inMemoryOrder(nest: LoopNest): LoopNest {
  const leading = nest.strides[0]!;
  const order = [...nest.sizes.keys()].sort((a, b) => leading[b]! - leading[a]! || a - b);
  return mergeLoops({
    sizes: order.map((loop) => nest.sizes[loop]!),
    strides: nest.strides.map((own) => order.map((loop) => own[loop]!)),
  });
}

/** True if two layouts of one shape name the same elements in the same order. */
export function sameLayout(a: Layout, b: Layout): boolean {
  const nest = loopNest([a, b]);
  return (
    a.offset === b.offset &&
    nest !== undefined &&
    nest.strides[0]!.every((stride, loop) => stride === nest.strides[1]![loop])
  );
}

/** The first element that the layout names, and one past the last. */
export function extentOf({ offset, dims }: Layout): {
  readonly start: number;
  readonly end: number;
} {
  const last = dims.flat().reduce((at, { size, stride }) => at + (size - 1) * stride, offset);
  return { start: offset, end: last + 1 };
}

/** True if every element of the buffer between the first and the last of the layout belongs to it, once. */
export function isPacked(layout: Layout): boolean {
  const { sizes, strides } = inMemoryOrder({
    sizes: layout.dims.flat().map(({ size }) => size),
    strides: [layout.dims.flat().map(({ stride }) => stride)],
  });
  return sizes.length === 0 || (sizes.length === 1 && strides[0]![0] === 1);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
