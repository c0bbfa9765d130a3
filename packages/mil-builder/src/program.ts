/**
 * The MIL intermediate representation: plain, immutable data. A program holds functions, a function holds ops in
 * execution order, an op holds named arguments and produces values, every value carries a static type.
 */

export type FloatDType = "fp16" | "fp32" | "fp64" | "bf16";
export type IntegerDType =
  | "int4"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint1"
  | "uint2"
  | "uint3"
  | "uint4"
  | "uint6"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64";
export type DType = FloatDType | IntegerDType | "fp8e4m3fn" | "fp8e5m2" | "bool" | "string";

/** A tensor; rank 0 (`shape: []`) is a scalar, in both text dialects. */
export interface TensorType {
  readonly kind: "tensor";
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** An SSA value: a function input or the result of an op. */
export interface Value {
  readonly name: string;
  readonly type: TensorType;
}

/** Elements of a literal in row-major order. Integers that JavaScript cannot hold exactly are bigint. */
export type LiteralElements =
  | Float64Array
  | Int32Array
  | readonly boolean[]
  | readonly string[]
  | readonly bigint[];

/** A value written out in the program text. Floats are exact values of `type.dtype`, held in float64. */
export interface Literal {
  readonly kind: "literal";
  readonly type: TensorType;
  readonly elements: LiteralElements;
}

/** A value stored in a weight file; `offset` is the byte offset of the blob's 64-byte metadata. */
export interface BlobReference {
  readonly kind: "blob";
  readonly type: TensorType;
  readonly path: string;
  readonly offset: number;
}

export type Constant = Literal | BlobReference;

/** What an op's parameter is given: an earlier value, a tuple of them, or an inline constant. */
export type Argument =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "tuple"; readonly items: readonly Argument[] }
  | Constant;

export interface Operation {
  /** MIL op type, such as "conv" or "const". */
  readonly type: string;
  readonly inputs: Readonly<Record<string, Argument>>;
  /** Attributes in `[]`; `const` has its value as attribute `val`. */
  readonly attributes: Readonly<Record<string, Constant>>;
  readonly outputs: readonly Value[];
}

export type Opset = "ios15" | "ios16" | "ios17" | "ios18" | "ios26";

export interface MilFunction {
  readonly name: string;
  readonly opset: Opset;
  readonly inputs: readonly Value[];
  readonly operations: readonly Operation[];
  readonly outputs: readonly Value[];
}

export interface Program {
  /** Text dialect the program was read from or is to be printed in by default. */
  readonly version: "1.0" | "1.3";
  readonly buildInfo: Readonly<Record<string, string>>;
  readonly functions: readonly MilFunction[];
}
