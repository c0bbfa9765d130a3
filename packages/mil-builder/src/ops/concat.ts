/** Ops that join and split tensors along an axis. Source: coremltools iOS15 tensor_operation.py. */
import { copyStrided, denseStrides, denseView } from "../evaluate/strided.js";
import {
  absent,
  flag,
  integer,
  integers,
  optional,
  tensorInput,
  tupleInput,
} from "../input-spec.js";
import { defineOp, type InferScope, MOVABLE } from "../op-definition.js";
import type { TensorType } from "../program.js";
import { dimsAgree, formatShape, isUnknownDim, shapesAgree, tensor } from "../tensor-type.js";
import { positiveAxis, wrapAxis } from "./shape-rules.js";

const TYPES = { T: { domain: MOVABLE } } as const;

/** Joined one after another along `axis`, or interleaved: result[k :: n] = values[k]. Scalars join to a vector. */
export const concat = defineOp({
  type: "concat",
  summary: "tensors joined along an axis, or interleaved",
  since: "ios15",
  types: TYPES,
  inputs: {
    values: tupleInput("T"),
    axis: integer(),
    interleave: optional(flag(), false),
  },
  infer: ({ values, axis, interleave }, scope) => {
    const [first] = values as readonly [TensorType, ...TensorType[]];
    const shape = first.shape.length === 0 ? [1] : [...first.shape];
    const along = positiveAxis("axis", axis, shape.length, scope);
    for (const { shape: other } of values) {
      const matches =
        other.length === first.shape.length &&
        other.every((dim, i) => (i === along && !interleave) || dimsAgree(dim, first.shape[i]!));
      if (!matches) {
        const rule = interleave
          ? "interleaved tensors must have equal shapes"
          : `shapes must be equal except in dim ${along}`;
        throw scope.error(rule, formatShape(first.shape), formatShape(other));
      }
    }
    for (const { shape: other } of values) takeKnown(shape, other);
    shape[along] = values.reduce((sum, value) => sum + (value.shape[along] ?? 1), 0);
    return tensor(first.dtype, shape);
  },
  evaluate: ({ values, axis, interleave }, [out]) => {
    const { data, strides } = denseView(out);
    const along = wrapAxis(axis, strides.length);
    const unit = strides[along]!;
    const targetStrides = strides.map((stride, i) =>
      i === along && interleave ? stride * values.length : stride,
    );
    let position = 0;
    for (const value of values) {
      const shape = value.type.shape.length === 0 ? [1] : value.type.shape;
      const source = { data: value.data, offset: 0, strides: denseStrides(shape) };
      const target = { data, offset: position * unit, strides: targetStrides };
      copyStrided(shape, source, target);
      position += interleave ? 1 : shape[along]!;
    }
  },
});

/** Fills unknown dims in from another shape. */
function takeKnown(shape: number[], other: readonly number[]): void {
  other.forEach((dim, axis) => {
    if (isUnknownDim(shape[axis]!)) shape[axis] = dim;
  });
}

/** Joined along a new dim. */
const stack = defineOp({
  type: "stack",
  summary: "tensors of one shape joined along a new dim",
  since: "ios15",
  types: TYPES,
  inputs: { values: tupleInput("T"), axis: integer() },
  infer: ({ values, axis }, scope) => {
    const [first] = values as readonly [TensorType, ...TensorType[]];
    const shape = [...first.shape];
    for (const { shape: other } of values) {
      if (!shapesAgree(shape, other)) {
        const expected = formatShape(shape);
        throw scope.error("stacked tensors must have equal shapes", expected, formatShape(other));
      }
      takeKnown(shape, other);
    }
    shape.splice(positiveAxis("axis", axis, shape.length + 1, scope), 0, values.length);
    return tensor(first.dtype, shape);
  },
  evaluate: ({ values, axis }, [out]) => {
    const { data, strides } = denseView(out);
    const along = wrapAxis(axis, strides.length);
    const targetStrides = strides.filter((_, i) => i !== along);
    values.forEach((value, index) => {
      const target = { data, offset: index * strides[along]!, strides: targetStrides };
      copyStrided(value.type.shape, denseView(value), target);
    });
  },
});

/** Consecutive pieces along `axis`: `num_splits` equal ones, or of `split_sizes`. */
export const split = defineOp({
  type: "split",
  summary: "consecutive pieces along an axis",
  since: "ios15",
  types: TYPES,
  inputs: {
    x: tensorInput("T"),
    axis: integer(),
    num_splits: absent(integer(), "as many as split_sizes"),
    split_sizes: absent(integers(), "equal sizes"),
  },
  infer: ({ x, axis, num_splits, split_sizes }, scope): readonly TensorType[] => {
    const along = positiveAxis("axis", axis, x.shape.length, scope);
    const sizes = split_sizes ?? equalSizes(x.shape[along]!, num_splits, scope);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (
      !dimsAgree(total, x.shape[along]!) ||
      (num_splits !== undefined && num_splits !== sizes.length)
    ) {
      throw scope.error(
        `sizes must add up to dim ${along}, one per split`,
        `${num_splits ?? "any number of"} sizes with sum ${x.shape[along]}`,
        formatShape(sizes),
      );
    }
    return sizes.map((size) =>
      tensor(
        x.dtype,
        x.shape.map((dim, i) => (i === along ? size : dim)),
      ),
    );
  },
  evaluate: ({ x, axis }, outputs) => {
    const strides = denseStrides(x.type.shape);
    const along = wrapAxis(axis, strides.length);
    let offset = 0;
    for (const out of outputs) {
      copyStrided(out.type.shape, { data: x.data, offset, strides }, denseView(out));
      offset += out.type.shape[along]! * strides[along]!;
    }
  },
});

/** Far more than any program has; a number in hostile text must not fill the memory. */
const MOST_RESULTS = 65536;

function equalSizes(dim: number, count: number | undefined, scope: InferScope): readonly number[] {
  if (count === undefined) {
    const rule = '"num_splits" or "split_sizes" is required';
    throw scope.error(rule, "one of the two", "neither");
  }
  if (count < 1 || dim % count > 0) {
    throw scope.error('"num_splits" must divide the dim', `a divisor of ${dim}`, `${count}`);
  }
  if (count > MOST_RESULTS) {
    throw scope.error('"num_splits" must be a number of results', `1..${MOST_RESULTS}`, `${count}`);
  }
  return new Array<number>(count).fill(dim / count);
}

export const JOINING_OPS = { concat, split, stack } as const;
