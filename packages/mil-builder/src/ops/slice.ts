/** Slices. Source: coremltools iOS15, iOS17 and iOS18 tensor_transformation.py; index rules are numpy's. */
import { copyStrided, denseStrides, denseView, type View } from "../evaluate/strided.js";
import { absent, flags, positions, tensorInput } from "../input-spec.js";
import { defineOp, type InferScope, isComputed, MOVABLE } from "../op-definition.js";
import { type TensorType, UNKNOWN_DIM } from "../program.js";
import type { Tensor } from "../tensor.js";
import { dimsAgree, formatShape, formatType, shapesAgree, tensor } from "../tensor-type.js";
import { expectLength } from "./shape-rules.js";

const TYPES = { T: { domain: MOVABLE } } as const;

/** A vector of one number per dim, or its type if the program computes it. */
type Vector = readonly number[] | TensorType;

/** The numbers of a vector, each unknown if the program computes them. */
function numbersOf(name: string, vector: Vector, rank: number, scope: InferScope) {
  const computed = isComputed(vector);
  if (computed && !dimsAgree(vector.shape[0]!, rank)) {
    const rule = `"${name}" must have one entry per dimension`;
    throw scope.error(rule, `${rank} entries`, formatType(vector));
  }
  const numbers = computed ? new Array<number>(rank).fill(UNKNOWN_DIM) : vector;
  expectLength(name, numbers, rank, scope);
  return numbers;
}

/** `size` elements per dim from `begin`; size -1 runs to the end, a negative begin counts from the end. */
const sliceBySize = defineOp({
  type: "slice_by_size",
  summary: "size elements per dim from begin",
  since: "ios15",
  types: TYPES,
  inputs: { x: tensorInput("T"), begin: positions(), size: positions() },
  infer: ({ x, begin, size }, scope) => {
    const { shape } = x;
    const begins = numbersOf("begin", begin, shape.length, scope);
    const sizes = numbersOf("size", size, shape.length, scope);
    const result = shape.map((dim, axis) => {
      const start = begins[axis]! < 0 ? begins[axis]! + dim : begins[axis]!;
      const extent = sizes[axis] === -1 ? dim - start : sizes[axis]!;
      if (start < 0 || extent < 1 || extent > dim || start + extent > dim) {
        throw scope.error(
          `begin + size must lie inside dim ${axis} of ${formatShape(shape)}`,
          `0 <= begin and begin + size <= ${dim}`,
          `begin ${begins[axis]}, size ${sizes[axis]}`,
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

interface SliceInputs<V> {
  readonly begin: V;
  readonly end: V;
  readonly stride: V | undefined;
  readonly begin_mask: readonly boolean[] | undefined;
  readonly end_mask: readonly boolean[] | undefined;
  readonly squeeze_mask: readonly boolean[] | undefined;
}

/** One dim of a slice: `length` elements from `start`, `stride` apart; squeezed dims vanish. */
export interface SliceAxis {
  readonly start: number;
  readonly stride: number;
  readonly length: number;
  readonly squeezed: boolean;
}

const SLICE = {
  begin: positions(),
  end: positions(),
  stride: absent(positions(), "1s"),
  begin_mask: absent(flags(), "none is masked"),
  end_mask: absent(flags(), "none is masked"),
  squeeze_mask: absent(flags(), "none is squeezed"),
} as const;

/** numpy's x[begin:end:stride] per dim; a mask replaces a bound by the end of the dim. */
const sliceByIndex = defineOp({
  type: "slice_by_index",
  summary: "x[begin:end:stride] per dim, as in numpy",
  since: "ios15",
  types: TYPES,
  inputs: { x: tensorInput("T"), ...SLICE },
  infer: ({ x, ...inputs }, scope) => tensor(x.dtype, inferSlice(x, inputs, scope)),
  evaluate: ({ x, ...inputs }, [out]) =>
    copyStrided(out.type.shape, sliceView(x, inputs), denseView(out)),
});

/** x with x[begin:end:stride] replaced. */
const sliceUpdate = defineOp({
  type: "slice_update",
  summary: "x with x[begin:end:stride] replaced by update",
  since: "ios18",
  types: TYPES,
  inputs: { x: tensorInput("T"), update: tensorInput("T"), ...SLICE },
  infer: ({ x, update, ...inputs }, scope) => {
    const shape = inferSlice(x, inputs, scope);
    if (update.shape.length === 0 || !shapesAgree(update.shape, shape)) {
      const rule = '"update" must have the shape of the slice, which is no scalar';
      throw scope.error(rule, formatShape(shape), formatShape(update.shape));
    }
    return x;
  },
  evaluate: ({ x, update, ...inputs }, [out]) => {
    out.data.set(x.data);
    copyStrided(update.type.shape, denseView(update), sliceView(out, inputs));
  },
});

/** The shape of the slice. */
function inferSlice(
  { shape }: TensorType,
  inputs: SliceInputs<Vector>,
  scope: InferScope,
): readonly number[] {
  const { begin, end, stride, ...masks } = inputs;
  const rank = shape.length;
  for (const [name, list] of Object.entries(masks)) {
    if (list !== undefined) expectLength(name, list, rank, scope);
  }
  const numbers = {
    begin: numbersOf("begin", begin, rank, scope),
    end: numbersOf("end", end, rank, scope),
    stride: stride && numbersOf("stride", stride, rank, scope),
  };
  if (numbers.stride?.includes(0)) {
    const actual = formatShape(numbers.stride);
    throw scope.error('"stride" must not be 0', "positive or negative", actual);
  }
  const axes = sliceAxes(shape, { ...numbers, ...masks });
  const empty = axes.findIndex((axis) => axis.length < 1);
  if (empty >= 0) {
    throw scope.error(
      `the slice of dim ${empty} of ${formatShape(shape)} must not be empty`,
      "at least one element",
      `begin ${numbers.begin[empty]}, end ${numbers.end[empty]}, stride ${axes[empty]!.stride}`,
    );
  }
  return axes.filter((axis) => !axis.squeezed).map((axis) => axis.length);
}

/** The elements of the slice, where they are. */
function sliceView(x: Tensor, inputs: SliceInputs<readonly number[]>): View {
  const own = denseStrides(x.type.shape);
  const axes = sliceAxes(x.type.shape, inputs);
  const offset = axes.reduce((sum, axis, index) => sum + axis.start * own[index]!, 0);
  const kept = [...axes.keys()].filter((index) => !axes[index]!.squeezed);
  const strides = kept.map((index) => axes[index]!.stride * own[index]!);
  return { data: x.data, offset, strides };
}

/** Lengths are unknown where a number that they depend on is. */
export function sliceAxes(
  shape: readonly number[],
  inputs: SliceInputs<readonly number[]>,
): readonly SliceAxis[] {
  return shape.map((dim, axis): SliceAxis => {
    const begin = inputs.begin[axis]!;
    if (inputs.squeeze_mask?.[axis]) {
      const start = begin < 0 ? begin + dim : begin;
      const outside = start < 0 || start >= dim;
      return { start, stride: 1, length: outside ? 0 : 1, squeezed: true };
    }
    const stride = inputs.stride?.[axis] ?? 1;
    const [low, high] = stride > 0 ? [0, dim] : [-1, dim - 1];
    const bound = (index: number) => Math.min(high, Math.max(low, index < 0 ? index + dim : index));
    const start = inputs.begin_mask?.[axis] ? (stride > 0 ? low : high) : bound(begin);
    const end = inputs.end_mask?.[axis] ? (stride > 0 ? high : low) : bound(inputs.end[axis]!);
    return { start, stride, length: Math.ceil((end - start) / stride), squeezed: false };
  });
}

export const SLICING_OPS = {
  slice_by_size: sliceBySize,
  slice_by_index: sliceByIndex,
  slice_update: sliceUpdate,
} as const;
