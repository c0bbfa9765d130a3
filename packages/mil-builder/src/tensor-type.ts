/** Tensor types as values: construction, comparison, size and spelling. */
import { DTYPES } from "./dtype.js";
import { ArgumentError, ShapeError } from "./errors.js";
import type { AnyValue, DType, TensorType, ValueType } from "./program.js";

/**
 * A tensor type; `shape` may be empty, which is a scalar, and have unknown dims.
 * @throws ShapeError if a dimension is neither a positive integer nor unknown.
 */
export function tensor(dtype: DType, shape: readonly number[]): TensorType {
  if (!shape.every((dim) => isUnknownDim(dim) || (Number.isSafeInteger(dim) && dim > 0))) {
    throw new ShapeError({
      op: "tensor",
      rule: "every dimension is a positive integer",
      expected: "a shape such as [1, 768, 1, 256]",
      actual: formatShape(shape),
    });
  }
  return { kind: "tensor", dtype, shape: [...shape] };
}

/** A rank-0 type. */
export function scalar(dtype: DType): TensorType {
  return { kind: "tensor", dtype, shape: [] };
}

/** True for `UNKNOWN_DIM`. */
export function isUnknownDim(dim: number): boolean {
  return Number.isNaN(dim);
}

/** True if all dims are known. */
export function isStaticShape(shape: readonly number[]): boolean {
  return !shape.some(isUnknownDim);
}

/** True if the shapes are equal; an unknown dim equals only another unknown one. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dim, axis) => Object.is(dim, b[axis]));
}

/** True if two types are equal, tensors in dtype and shape. */
export function sameType(a: ValueType, b: ValueType): boolean {
  switch (a.kind) {
    case "tensor":
      return b.kind === "tensor" && a.dtype === b.dtype && sameShape(a.shape, b.shape);
    case "list":
      return b.kind === "list" && Object.is(a.length, b.length) && sameType(a.element, b.element);
    case "tuple":
      return b.kind === "tuple" && sameTypes(a.elements, b.elements);
    case "dictionary":
      return b.kind === "dictionary" && sameType(a.key, b.key) && sameType(a.value, b.value);
    case "state":
      return b.kind === "state" && sameType(a.wrapped, b.wrapped);
    default:
      return (
        b.kind === "tensor_buffer" &&
        a.dtype === b.dtype &&
        sameShape(a.shape, b.shape) &&
        sameShape(a.strides, b.strides) &&
        sameShape(a.interleaveFactors, b.interleaveFactors)
      );
  }
}

function sameTypes(a: readonly ValueType[], b: readonly ValueType[]): boolean {
  return a.length === b.length && a.every((type, index) => sameType(type, b[index]!));
}

/** True if no known dim or length of one type contradicts the other: what an inferred and a declared type must be. */
export function compatibleTypes(a: ValueType, b: ValueType): boolean {
  if (a.kind === "tensor" && b.kind === "tensor") {
    return a.dtype === b.dtype && shapesAgree(a.shape, b.shape);
  }
  if (a.kind === "list" && b.kind === "list") {
    return dimsAgree(a.length, b.length) && compatibleTypes(a.element, b.element);
  }
  return sameType(a, b);
}

/** True if two extents are equal or may turn out to be, as one is unknown. */
export function dimsAgree(a: number, b: number): boolean {
  return a === b || isUnknownDim(a) || isUnknownDim(b);
}

/** True if two shapes are equal as far as their dims are known. */
export function shapesAgree(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dim, axis) => dimsAgree(dim, b[axis]!));
}

/**
 * The type of a value that must be a tensor; its dims may be unknown.
 * @throws ArgumentError for lists, states and the like.
 */
export function tensorTypeOf({ name, type }: AnyValue): TensorType {
  if (type.kind === "tensor") return type;
  throw new ArgumentError(
    `value "${name}": a tensor is needed here, got ${formatType(type)}. Only parse, print and verify know other types.`,
  );
}

/**
 * The type of a value that must be a tensor with all dims known.
 * @throws ArgumentError for other types and for unknown dims.
 */
export function staticTypeOf(value: AnyValue): TensorType {
  const type = tensorTypeOf(value);
  if (isStaticShape(type.shape)) return type;
  throw new ArgumentError(
    `value "${value.name}": a static shape is needed here, got ${formatType(type)}. Give the dims numbers.`,
  );
}

/** Number of elements; 1 for a scalar, NaN if a dim is unknown. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const dim of shape) count *= dim;
  return count;
}

/** Bytes of the densely packed elements; sub-byte dtypes share bytes. */
export function byteSize(type: TensorType): number {
  return Math.ceil((elementCount(type.shape) * DTYPES[type.dtype].bits) / 8);
}

/** Spelling for messages: `tensor<fp16, [1, ?]>`, `fp16`, `list<fp16, 3>`. */
export function formatType(type: ValueType): string {
  return spellType(type, (dtype) => dtype);
}

/** Spelling of a type, given that of scalars, in which the text dialects differ. */
export function spellType(type: ValueType, scalarText: (dtype: DType) => string): string {
  const nested = (inner: ValueType) => spellType(inner, scalarText);
  switch (type.kind) {
    case "tensor":
      return type.shape.length === 0
        ? scalarText(type.dtype)
        : `tensor<${type.dtype}, ${formatShape(type.shape)}>`;
    case "list":
      return `list<${nested(type.element)}, ${formatDim(type.length)}>`;
    case "tuple":
      return `tuple<${type.elements.map(nested).join(", ")}>`;
    case "dictionary":
      return `dict<${nested(type.key)}, ${nested(type.value)}>`;
    case "state":
      return `state<${nested(type.wrapped)}>`;
    default: {
      const { dtype, shape, strides, interleaveFactors } = type;
      const factors = formatShape(interleaveFactors);
      return `tensor_buffer<${dtype}, shape = ${formatShape(shape)}, strides = ${formatShape(strides)}, interleave_factors = ${factors}>`;
    }
  }
}

export function formatShape(shape: readonly number[]): string {
  return `[${shape.map(formatDim).join(", ")}]`;
}

function formatDim(dim: number): string {
  return isUnknownDim(dim) ? "?" : `${dim}`;
}
