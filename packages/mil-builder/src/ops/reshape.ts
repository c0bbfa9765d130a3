/** Ops that rename or reorder dimensions. Source: coremltools iOS15 and iOS17 tensor_transformation.py. */
import { permuted } from "../evaluate/strided.js";
import { extents, integers, optional, tensorInput } from "../input-spec.js";
import { defineOp, type InferScope, MOVABLE, type Outputs } from "../op-definition.js";
import { hasOpset } from "../opset.js";
import type { Tensor } from "../tensor.js";
import { elementCount, formatShape, tensor } from "../tensor-type.js";
import { positiveAxes, wrapAxis } from "./shape-rules.js";

const TYPES = { T: { domain: MOVABLE } } as const;

function copyElements({ x }: { readonly x: Tensor }, [out]: Outputs): void {
  out.data.set(x.data);
}

/** The same elements in another shape; one dim may be -1, and 0 takes a dim over from x. */
export const reshape = defineOp({
  type: "reshape",
  since: "ios15",
  types: TYPES,
  inputs: { x: tensorInput("T"), shape: extents() },
  infer: ({ x, shape }, scope) => {
    const copied = shape.map((dim, axis) =>
      dim === 0 ? copiedDim(x.shape, shape.length, axis, scope) : dim,
    );
    const count = elementCount(x.shape);
    const known = elementCount(copied.filter((dim) => dim !== -1));
    const wildcards = copied.filter((dim) => dim === -1).length;
    const fits = wildcards === 0 ? known === count : wildcards === 1 && count % known === 0;
    if (!fits || copied.some((dim) => dim < -1)) {
      throw scope.error(
        "the new shape must hold as many elements, with at most one -1",
        `${count} elements, as in ${formatShape(x.shape)}`,
        formatShape(shape),
      );
    }
    return tensor(
      x.dtype,
      copied.map((dim) => (dim === -1 ? count / known : dim)),
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

/** Result dim i is dim `perm[i]` of x. */
export const transpose = defineOp({
  type: "transpose",
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
  since: "ios15",
  types: TYPES,
  inputs: { x: tensorInput("T"), axes: optional(integers()) },
  infer: ({ x, axes }, scope) => {
    const { shape } = x;
    const named = new Set(positiveAxes("axes", axes ?? [...shape.keys()], shape.length, scope));
    return tensor(
      x.dtype,
      shape.filter((dim, axis) => dim !== 1 || !named.has(axis)),
    );
  },
  evaluate: copyElements,
});

export const identity = defineOp({
  type: "identity",
  since: "ios15",
  types: TYPES,
  inputs: { x: tensorInput("T") },
  infer: ({ x }) => x,
  evaluate: copyElements,
});
