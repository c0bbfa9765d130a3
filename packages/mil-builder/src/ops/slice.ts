/** Slices. Source: coremltools iOS15 and iOS17 tensor_transformation.py; index rules are numpy's. */
import { copyStrided, denseStrides, denseView } from "../evaluate/strided.js";
import { extents, flags, optional, positions, tensorInput } from "../input-spec.js";
import { defineOp, type InferScope, MOVABLE } from "../op-definition.js";
import { formatShape, tensor } from "../tensor-type.js";
import { expectLength } from "./shape-rules.js";

const TYPES = { T: { domain: MOVABLE } } as const;

/** `size` elements per dim from `begin`; size -1 runs to the end, a negative begin counts from the end. */
export const sliceBySize = defineOp({
  type: "slice_by_size",
  since: "ios15",
  types: TYPES,
  inputs: { x: tensorInput("T"), begin: positions(), size: extents() },
  infer: ({ x, begin, size }, scope) => {
    const { shape } = x;
    expectLength("size", size, shape.length, scope);
    if (begin === "dynamic") {
      if (size.some((extent, axis) => extent < 1 || extent > shape[axis]!)) {
        const expected = `1..dim of ${formatShape(shape)}`;
        throw scope.error('a computed "begin" needs explicit sizes', expected, formatShape(size));
      }
      return tensor(x.dtype, size);
    }
    expectLength("begin", begin, shape.length, scope);
    const result = shape.map((dim, axis) => {
      const start = begin[axis]! < 0 ? begin[axis]! + dim : begin[axis]!;
      const extent = size[axis]! === -1 ? dim - start : size[axis]!;
      if (start < 0 || extent < 1 || start + extent > dim) {
        throw scope.error(
          `begin + size must lie inside dim ${axis} of ${formatShape(shape)}`,
          `0 <= begin and begin + size <= ${dim}`,
          `begin ${begin[axis]}, size ${size[axis]}`,
        );
      }
      return extent;
    });
    return tensor(x.dtype, result);
  },
  evaluate: ({ x, begin }, [out]) => {
    const strides = denseStrides(x.type.shape);
    let offset = 0;
    x.type.shape.forEach((dim, axis) => {
      const start = begin[axis]! < 0 ? begin[axis]! + dim : begin[axis]!;
      // A computed position that points outside is undefined; the nearest slice inside is what is read here.
      offset += Math.min(Math.max(start, 0), dim - out.type.shape[axis]!) * strides[axis]!;
    });
    copyStrided(out.type.shape, { data: x.data, offset, strides }, denseView(out));
  },
});

interface SliceInputs {
  readonly begin: readonly number[];
  readonly end: readonly number[];
  readonly stride: readonly number[] | undefined;
  readonly begin_mask: readonly boolean[] | undefined;
  readonly end_mask: readonly boolean[] | undefined;
  readonly squeeze_mask: readonly boolean[] | undefined;
}

/** One dim of a slice: `length` elements from `start`, `stride` apart; squeezed dims vanish. */
interface SliceAxis {
  readonly start: number;
  readonly stride: number;
  readonly length: number;
  readonly squeezed: boolean;
}

/** numpy's x[begin:end:stride] per dim; a mask replaces a bound by the end of the dim. */
export const sliceByIndex = defineOp({
  type: "slice_by_index",
  since: "ios15",
  types: TYPES,
  inputs: {
    x: tensorInput("T"),
    begin: extents(),
    end: extents(),
    stride: optional(extents()),
    begin_mask: optional(flags()),
    end_mask: optional(flags()),
    squeeze_mask: optional(flags()),
  },
  infer: ({ x, ...inputs }, scope) => {
    checkVectors(inputs, x.shape.length, scope);
    const axes = sliceAxes(x.shape, inputs);
    const empty = axes.findIndex((axis) => axis.length < 1);
    if (empty >= 0) {
      throw scope.error(
        `the slice of dim ${empty} of ${formatShape(x.shape)} must not be empty`,
        "at least one element",
        `begin ${inputs.begin[empty]}, end ${inputs.end[empty]}, stride ${axes[empty]!.stride}`,
      );
    }
    return tensor(
      x.dtype,
      axes.filter((axis) => !axis.squeezed).map((axis) => axis.length),
    );
  },
  evaluate: ({ x, ...inputs }, [out]) => {
    const own = denseStrides(x.type.shape);
    const axes = sliceAxes(x.type.shape, inputs);
    const offset = axes.reduce((sum, axis, index) => sum + axis.start * own[index]!, 0);
    const kept = [...axes.keys()].filter((index) => !axes[index]!.squeezed);
    const strides = kept.map((index) => axes[index]!.stride * own[index]!);
    copyStrided(out.type.shape, { data: x.data, offset, strides }, denseView(out));
  },
});

function checkVectors(inputs: SliceInputs, rank: number, scope: InferScope): void {
  for (const [name, list] of Object.entries(inputs)) {
    if (list !== undefined) expectLength(name, list, rank, scope);
  }
  if (inputs.stride?.includes(0)) {
    throw scope.error('"stride" must not be 0', "positive or negative", formatShape(inputs.stride));
  }
}

function sliceAxes(shape: readonly number[], inputs: SliceInputs): readonly SliceAxis[] {
  return shape.map((dim, axis): SliceAxis => {
    const begin = inputs.begin[axis]!;
    if (inputs.squeeze_mask?.[axis]) {
      const start = begin < 0 ? begin + dim : begin;
      const inside = start >= 0 && start < dim;
      return { start, stride: 1, length: inside ? 1 : 0, squeezed: true };
    }
    const stride = inputs.stride?.[axis] ?? 1;
    const [low, high] = stride > 0 ? [0, dim] : [-1, dim - 1];
    const bound = (index: number) => Math.min(high, Math.max(low, index < 0 ? index + dim : index));
    const start = inputs.begin_mask?.[axis] ? (stride > 0 ? low : high) : bound(begin);
    const end = inputs.end_mask?.[axis] ? (stride > 0 ? high : low) : bound(inputs.end[axis]!);
    return { start, stride, length: Math.ceil((end - start) / stride), squeezed: false };
  });
}
