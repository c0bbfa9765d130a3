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

/** An extent that is known only when the program runs, `?` in text. NaN: arithmetic with it stays unknown. */
export const UNKNOWN_DIM: number = Number.NaN;

/** A tensor; rank 0 (`shape: []`) is a scalar, in both text dialects. Dims may be `UNKNOWN_DIM`: compare with `sameShape`. */
export interface TensorType {
  readonly kind: "tensor";
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** `list<element, length>`; the length may be `UNKNOWN_DIM`. */
export interface ListType {
  readonly kind: "list";
  readonly element: ValueType;
  readonly length: number;
}

/** `tuple<a, b>` */
export interface TupleType {
  readonly kind: "tuple";
  readonly elements: readonly ValueType[];
}

/** `dict<key, value>` */
export interface DictionaryType {
  readonly kind: "dictionary";
  readonly key: ValueType;
  readonly value: ValueType;
}

/** `state<tensor<...>>`: what `read_state` and `write_state` access; the model keeps it between predictions. */
export interface StateType {
  readonly kind: "state";
  readonly wrapped: ValueType;
}

/** `tensor_buffer<dtype, shape = [...], strides = [...], interleave_factors = [...]>`: a tensor and its place in memory. */
export interface TensorBufferType {
  readonly kind: "tensor_buffer";
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly interleaveFactors: readonly number[];
}

/** Everything that a value may be. */
export type ValueType =
  | TensorType
  | ListType
  | TupleType
  | DictionaryType
  | StateType
  | TensorBufferType;

/** An SSA value: a function input or the result of an op. Most are tensors; `tensorTypeOf` narrows the others. */
export interface Value<T extends ValueType = TensorType> {
  readonly name: string;
  readonly type: T;
}

/** A value of any type, as programs hold them. */
export type AnyValue = Value<ValueType>;

/** Elements of a literal in row-major order. Integers that JavaScript cannot hold exactly are bigint. */
export type LiteralElements =
  | Float64Array
  | Int32Array
  | readonly boolean[]
  | readonly string[]
  | readonly bigint[];

/** A tensor written out in the program text. Floats are exact values of `type.dtype`, held in float64. */
export interface Literal {
  readonly kind: "literal";
  readonly type: TensorType;
  readonly elements: LiteralElements;
  /** Extents of the elements, present exactly if `type.shape` has unknown dims. */
  readonly shape?: readonly number[];
}

/** A list or tuple written out. */
export interface SequenceLiteral {
  readonly kind: "sequence";
  readonly type: ListType | TupleType;
  readonly items: readonly Immediate[];
}

/** A dictionary written out, in the order of the text. */
export interface DictionaryLiteral {
  readonly kind: "dictionary";
  readonly type: DictionaryType;
  readonly entries: readonly (readonly [key: Immediate, value: Immediate])[];
}

/** Any value written out. */
export type Immediate = Literal | SequenceLiteral | DictionaryLiteral;

/** A tensor stored in a weight file; `offset` is the byte offset of the blob's 64-byte metadata. */
export interface BlobReference {
  readonly kind: "blob";
  readonly type: TensorType;
  readonly path: string;
  readonly offset: number;
}

/** A constant tensor. */
export type Constant = Literal | BlobReference;

/** A constant of any type. */
export type AnyConstant = Immediate | BlobReference;

/** Constants by attribute name, written in `[]`. */
export type Attributes = Readonly<Record<string, AnyConstant>>;

/** What an op's parameter is given: an earlier value, a tuple of them, or an inline constant. */
export type Argument =
  | { readonly kind: "value"; readonly value: AnyValue }
  | { readonly kind: "tuple"; readonly items: readonly Argument[] }
  | AnyConstant;

export interface Operation {
  /** MIL op type, such as "conv" or "const". */
  readonly type: string;
  /** The opset whose variant of the op is meant, `op<ios17>(...)`; absent: the function's. */
  readonly opset?: Opset;
  readonly inputs: Readonly<Record<string, Argument>>;
  /** Attributes in `[]`; `const` has its value as attribute `val`, constexpr ops up to iOS17 have all parameters here. */
  readonly attributes: Attributes;
  /** None for ops such as `write_state`, several for ops such as `split`. */
  readonly outputs: readonly AnyValue[];
  /** `cond`: then, else; `while_loop`: condition, body. Such ops have no text form. */
  readonly blocks?: readonly Block[];
}

/** Ops nested inside an op. They also see the values of the blocks around them. */
export interface Block {
  readonly inputs: readonly AnyValue[];
  readonly operations: readonly Operation[];
  readonly outputs: readonly AnyValue[];
}

export type Opset = "ios15" | "ios16" | "ios17" | "ios18" | "ios26";

export interface MilFunction {
  readonly name: string;
  readonly opset: Opset;
  readonly inputs: readonly AnyValue[];
  /** Such as FlexibleShapeInformation; absent if there are none. */
  readonly attributes?: Attributes;
  readonly operations: readonly Operation[];
  readonly outputs: readonly AnyValue[];
}

export interface Program {
  /** Text dialect the program was read from or is to be printed in by default. */
  readonly version: "1.0" | "1.3";
  readonly buildInfo: Readonly<Record<string, string>>;
  /** Attributes besides buildInfo; absent if there are none. */
  readonly attributes?: Attributes;
  readonly functions: readonly MilFunction[];
}
