/** Tensor types as values: construction, comparison, size and spelling. */
import { DTYPES } from "./dtype.js";
import { ShapeError } from "./errors.js";
import type { DType, TensorType } from "./program.js";

/**
 * A tensor type; `shape` may be empty, which is a scalar.
 * @throws ShapeError if a dimension is not a positive integer.
 */
export function tensor(dtype: DType, shape: readonly number[]): TensorType {
  if (!shape.every((dim) => Number.isSafeInteger(dim) && dim > 0)) {
    throw new ShapeError({
      op: "tensor",
      rule: "every dimension is a positive integer",
      expected: "a shape such as [1, 768, 1, 256]",
      actual: `[${shape.join(", ")}]`,
    });
  }
  return { kind: "tensor", dtype, shape: [...shape] };
}

/** A rank-0 type. */
export function scalar(dtype: DType): TensorType {
  return { kind: "tensor", dtype, shape: [] };
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** True if dtype and shape are equal. */
export function sameType(a: TensorType, b: TensorType): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape);
}

/** Number of elements; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const dim of shape) count *= dim;
  return count;
}

/** Bytes of the densely packed elements; sub-byte dtypes share bytes. */
export function byteSize(type: TensorType): number {
  return Math.ceil((elementCount(type.shape) * DTYPES[type.dtype].bits) / 8);
}

/** Spelling for messages: `tensor<fp16, [1, 8]>`, `fp16`. */
export function formatType(type: TensorType): string {
  return type.shape.length === 0 ? type.dtype : `tensor<${type.dtype}, ${formatShape(type.shape)}>`;
}

export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}
