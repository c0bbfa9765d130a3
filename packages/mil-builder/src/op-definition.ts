/**
 * What the package knows of an op: parameters, type rules, reference evaluation. One entry per op under `ops/`; the builder's
 * static types, the parser, the interpreter and the verifier are all derived from it.
 */
import type { ShapeError } from "./errors.js";
import type { Domain } from "./opset.js";
import type { ConstantRule, InputSpecs } from "./parameter-spec.js";
import type { EvaluatedInputs, InferredInputs } from "./parameter-types.js";
import type { Block, DType, Opset, TensorType, ValueType } from "./program.js";
import type { Tensor } from "./tensor.js";

/** All inputs of one variable have one dtype. `tiedTo`: in opsets older than `before`, also that of another variable. */
export interface TypeVariable {
  readonly domain: Domain;
  readonly tiedTo?: { readonly variable: string; readonly before: Opset };
}

/** What type inference may ask besides its inputs. */
export interface InferScope {
  readonly opset: Opset;
  /** Blocks of `cond` and `while_loop`; none for other ops. */
  readonly blocks: readonly Block[];
  /** True if the argument is a compile-time constant. */
  isConstant(input: string): boolean;
  /** Elements of a tensor argument that is a literal; undefined if they are computed, in a blob, or absent. */
  elementsOf(input: string): readonly number[] | undefined;
  /** Dtype of a tensor argument; undefined if it is absent. */
  dtypeOf(input: string): DType | undefined;
  /** An error to throw: the rule, what would have been right, what was given. */
  error(rule: string, expected: string, actual: string): ShapeError;
}

/** The result type of an op, or a list of them for ops with several results or none. */
export type ResultTypes = ValueType | readonly ValueType[];

/** One op of the table, or one of its variants where an opset redefined it. */
export interface OpDefinition<
  I extends InputSpecs = InputSpecs,
  R extends ResultTypes = ResultTypes,
> {
  /** MIL op type, such as "conv". */
  readonly type: string;
  /** What it computes, in one line. */
  readonly summary: string;
  /** First opset that has the op in this form; the form ends where the next variant begins. */
  readonly since: Opset;
  readonly types: Readonly<Record<string, TypeVariable>>;
  readonly inputs: I;
  /**
   * True for ops whose parameters are attributes, written in `[]` and not in `()`: `const` and the constexpr ops of iOS16;
   * `{ before: "ios18" }` for constexpr ops that iOS18 redefined. Reading accepts both places for constexpr ops.
   */
  readonly inAttributes?: ConstantRule;
  /** Types of the results. @throws ShapeError */
  infer(inputs: InferredInputs<I>, scope: InferScope): R;
  /** Names of the results for the reference, if there are several. */
  readonly results?: readonly string[];
  /** Types of the results where they depend on elements and not only on types and shape-like vectors. */
  measure?(inputs: EvaluatedInputs<I>): readonly TensorType[];
  /**
   * Writes the results in float64, unrounded; `outputs` come zeroed, with the inferred types. All dims and all values of
   * inputs are known here. Absent if the op is `refused` or `inInterpreter`.
   */
  evaluate?(inputs: EvaluatedInputs<I>, outputs: Outputs): void;
  /** Why the interpreter does not compute the op. */
  readonly refused?: string;
  /** True for ops on blocks and states, which the interpreter itself runs. */
  readonly inInterpreter?: true;
}

/** Results to be filled in; every op has at least one. */
export type Outputs = readonly [Tensor, ...Tensor[]];

/** The variants of an op whose parameters an opset redefined, oldest first. */
export type OpVariants = readonly [OpDefinition, OpDefinition, ...OpDefinition[]];

/** Identity at run time; at compile time it gives `infer` and `evaluate` the types of their inputs. */
export function defineOp<const I extends InputSpecs, R extends ResultTypes>(
  definition: OpDefinition<I, R>,
): OpDefinition<I, R> {
  return definition;
}

/** True for an input of type inference that the program computes. */
export function isComputed<T extends number | readonly number[]>(
  input: T | TensorType,
): input is TensorType {
  return typeof input === "object" && "kind" in input;
}

export const FLOATS = ["fp16", "fp32"] as const satisfies readonly DType[];
export const NUMBERS = ["fp16", "fp32", "int32"] as const satisfies readonly DType[];

/** Domain of the ops that only move elements. */
export const MOVABLE: Domain = {
  ios15: ["fp16", "fp32", "int32", "bool"],
  ios17: ["fp16", "fp32", "int8", "uint8", "int16", "uint16", "int32", "bool"],
};
