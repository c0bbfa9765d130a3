/**
 * Ops that rename or reorder dimensions. Source: coremltools iOS15 to iOS17 tensor_transformation.py and
 * tensor_operation.py.
 */
import { permuted } from "../evaluate/strided.js";
import {
  absent,
  flagTuple,
  integer,
  integers,
  integerTuple,
  optional,
  positions,
  tensorInput,
  tupleInput,
} from "../input-spec.js";
import { defineOp, type InferScope, isComputed, MOVABLE, type Outputs } from "../op-definition.js";
import { hasOpset } from "../opset.js";
import { type TensorType, UNKNOWN_DIM } from "../program.js";
import type { Tensor } from "../tensor.js";
import { dimsAgree, elementCount, formatShape, isUnknownDim, tensor } from "../tensor-type.js";
import { positiveAxes, unknownShape, wrapAxis } from "./shape-rules.js";

const TYPES = { T: { domain: MOVABLE } } as const;

function copyElements({ x }: { readonly x: Tensor }, [out]: Outputs): void {
  out.data.set(x.data);
}

/** The same elements in another shape; one dim may be -1, and 0 takes a dim over from x. */
export const reshape = defineOp({
  type: "reshape",
  summary: "the same elements in another shape",
  since: "ios15",
  types: TYPES,
  inputs: { x: tensorInput("T"), shape: positions() },
  infer: ({ x, shape }, scope) => {
    if (isComputed(shape)) return tensor(x.dtype, unknownShape(shape, scope));
    const copied = shape.map((dim, axis) =>
      dim === 0 ? copiedDim(x.shape, shape.length, axis, scope) : dim,
    );
    const count = elementCount(x.shape);
    const known = elementCount(copied.filter((dim) => dim !== -1));
    const wildcards = copied.filter((dim) => dim === -1).length;
    const wildcard = isUnknownDim(count / known) ? UNKNOWN_DIM : count / known;
    const fits =
      wildcards === 0
        ? dimsAgree(known, count)
        : wildcards === 1 && (Number.isInteger(wildcard) || isUnknownDim(wildcard));
    if (!fits || copied.some((dim) => dim < -1)) {
      throw scope.error(
        "the new shape must hold as many elements, with at most one -1",
        `${count} elements, as in ${formatShape(x.shape)}`,
        formatShape(shape),
      );
    }
    return tensor(
      x.dtype,
      copied.map((dim) => (dim === -1 ? wildcard : dim)),
    );
  },
  evaluate: copyElements,
});

/** iOS15 and 16 take the dim at the same index, for equal ranks; iOS17 counts from the right, 1 beyond the rank. */
function copiedDim(from: readonly number[], rank: number, axis: number, scope: InferScope): number {
  if (hasOpset(scope.opset, "ios17")) return from[axis - rank + from.length] ?? 1;
  if (rank !== from.length) {
    const expected = `rank ${from.length}`;
    throw scope.error("a 0 in the shape needs equal ranks before ios17", expected, `rank ${rank}`);
  }
  return from[axis]!;
}

/** The new shape is put together of dims `begins[i]` to `ends[i]` of each reference tensor. */
const reshapeLike = defineOp({
  type: "reshape_like",
  summary: "the same elements in a shape joined of dims of other tensors",
  since: "ios16",
  types: { ...TYPES, R: { domain: MOVABLE } },
  inputs: {
    x: tensorInput("T"),
    ref_tensors: tupleInput("R"),
    begins: integerTuple(),
    ends: integerTuple(),
    end_masks: flagTuple(),
  },
  infer: ({ x, ref_tensors, begins, ends, end_masks }, scope) => {
    for (const [name, list] of Object.entries({ begins, ends, end_masks })) {
      if (list.length !== ref_tensors.length) {
        const expected = `${ref_tensors.length} values`;
        throw scope.error(`"${name}" must have one value per tensor`, expected, `${list.length}`);
      }
    }
    const shape = ref_tensors.flatMap((reference, index) =>
      reference.shape.slice(begins[index]!, end_masks[index] ? undefined : ends[index]!),
    );
    if (!dimsAgree(elementCount(shape), elementCount(x.shape))) {
      const rule = "the new shape must hold as many elements";
      throw scope.error(rule, `as many as ${formatShape(x.shape)}`, formatShape(shape));
    }
    return tensor(x.dtype, shape);
  },
  evaluate: copyElements,
});

/** All dims before `axis` become one, and all from it on. */
const flatten2d = defineOp({
  type: "flatten2d",
  summary: "the dims before axis as one, and those from it on as another",
  since: "ios15",
  types: TYPES,
  inputs: { x: tensorInput("T"), axis: optional(integer(), 1) },
  infer: ({ x, axis }, scope) => {
    const { shape } = x;
    const at = wrapAxis(axis, shape.length);
    if (shape.length === 0 || !(at >= 0 && at <= shape.length)) {
      const expected = `${-shape.length}..${shape.length}`;
      throw scope.error('"axis" must be a place between dims', expected, `${axis}`);
    }
    return tensor(x.dtype, [elementCount(shape.slice(0, at)), elementCount(shape.slice(at))]);
  },
  evaluate: copyElements,
});

/** Result dim i is dim `perm[i]` of x. */
export const transpose = defineOp({
  type: "transpose",
  summary: "dims in another order",
  since: "ios15",
  types: TYPES,
  inputs: { x: tensorInput("T"), perm: integers() },
  infer: ({ x, perm }, scope) => {
    const axes = positiveAxes("perm", perm, x.shape.length, scope);
    if (axes.length !== x.shape.length) {
      const expected = `${x.shape.length} axes`;
      throw scope.error('"perm" must name every axis', expected, formatShape(perm));
    }
    return tensor(
      x.dtype,
      axes.map((axis) => x.shape[axis]!),
    );
  },
  evaluate: ({ x, perm }, [out]) => {
    const rank = x.type.shape.length;
    out.data.set(
      permuted(
        x,
        perm.map((axis) => wrapAxis(axis, rank)),
      ),
    );
  },
});

/** Inserts dims of 1; `axes` are positions in the result. */
export const expandDims = defineOp({
  type: "expand_dims",
  summary: "dims of 1 inserted",
  since: "ios15",
  types: TYPES,
  inputs: { x: tensorInput("T"), axes: integers() },
  infer: ({ x, axes }, scope) => {
    const rank = x.shape.length + axes.length;
    const inserted = new Set(positiveAxes("axes", axes, rank, scope));
    const rest = [...x.shape];
    return tensor(
      x.dtype,
      Array.from({ length: rank }, (_, axis) => (inserted.has(axis) ? 1 : rest.shift()!)),
    );
  },
  evaluate: copyElements,
});

/** Removes dims of 1: all of them, or those of `axes`; a named dim that is not 1 stays, as in torch. */
export const squeeze = defineOp({
  type: "squeeze",
  summary: "dims of 1 removed",
  since: "ios15",
  types: TYPES,
  inputs: { x: tensorInput("T"), axes: absent(integers(), "all dims of 1") },
  infer: ({ x, axes }, scope) => {
    const { shape } = x;
    const named = new Set(positiveAxes("axes", axes ?? [...shape.keys()], shape.length, scope));
    // A named dim that is unknown will be 1, one that is not named will be another number.
    const isOne = (dim: number) => dim === 1 || (axes !== undefined && isUnknownDim(dim));
    return tensor(
      x.dtype,
      shape.filter((dim, axis) => !isOne(dim) || !named.has(axis)),
    );
  },
  evaluate: copyElements,
});

export const identity = defineOp({
  type: "identity",
  summary: "a copy of x",
  since: "ios15",
  types: TYPES,
  inputs: { x: tensorInput("T") },
  infer: ({ x }) => x,
  evaluate: copyElements,
});

const shape = defineOp({
  type: "shape",
  summary: "the dims of x, as a vector",
  since: "ios15",
  types: TYPES,
  inputs: { x: tensorInput("T") },
  infer: ({ x }, scope): TensorType => {
    if (x.shape.length === 0)
      throw scope.error('"x" must have a dim', "rank 1 or more", "a scalar");
    return tensor("int32", [x.shape.length]);
  },
  evaluate: ({ x }, [out]) => out.data.set(x.type.shape),
});

export const RESHAPING_OPS = {
  reshape,
  reshape_like: reshapeLike,
  flatten2d,
  transpose,
  expand_dims: expandDims,
  squeeze,
  identity,
  shape,
} as const;
