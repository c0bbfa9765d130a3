/**
 * What the package knows of an op: parameters, type rules, reference evaluation. One entry per op under `ops/`; the builder's
 * static types, the parser, the interpreter and the verifier are all derived from it.
 */
import type { ShapeError } from "./errors.js";
import type { Domain } from "./opset.js";
import type { DType, Opset, TensorType, Value } from "./program.js";
import type { Tensor } from "./tensor.js";

/** True, false, or true only for functions of an opset older than this one. */
export type ConstantRule = boolean | { readonly before: Opset };

interface Common {
  readonly required: boolean;
  /** Value when the argument is absent; undefined: the op itself says what absence means. */
  readonly fallback: unknown;
  /** Opset in which the parameter appeared, if later than the op. */
  readonly since?: Opset;
}

/** A tensor of the dtypes of a type variable. A JavaScript literal becomes a scalar const. */
export interface TensorSpec extends Common {
  readonly kind: "tensor";
  readonly variable: string;
  readonly literal: "number" | "boolean";
  readonly constant: ConstantRule;
}

/** One or more tensors, `values = (a, b)`. */
export interface TupleSpec extends Common {
  readonly kind: "tuple";
  readonly variable: string;
}

/** A compile-time scalar integer. */
export interface IntegerSpec extends Common {
  readonly kind: "integer";
  readonly dtypes: Domain;
}

/** A vector of integers, a compile-time constant unless `dynamic`. */
export interface IntegersSpec extends Common {
  readonly kind: "integers";
  readonly dtypes: Domain;
  readonly dynamic: boolean;
}

/** A compile-time scalar of a floating-point type variable. */
export interface RealSpec extends Common {
  readonly kind: "real";
  readonly variable: string;
}

/** A compile-time boolean, or vector of booleans. */
export interface FlagSpec extends Common {
  readonly kind: "flag";
}
export interface FlagsSpec extends Common {
  readonly kind: "flags";
}

/** A compile-time string out of a closed list. */
export interface ChoiceSpec extends Common {
  readonly kind: "choice";
  readonly choices: readonly string[];
}

export type InputSpec =
  | TensorSpec
  | TupleSpec
  | IntegerSpec
  | IntegersSpec
  | RealSpec
  | FlagSpec
  | FlagsSpec
  | ChoiceSpec;

export type InputSpecs = Readonly<Record<string, InputSpec>>;

/** All inputs of one variable have one dtype. `tiedTo`: in opsets older than `before`, also that of another variable. */
export interface TypeVariable {
  readonly domain: Domain;
  readonly tiedTo?: { readonly variable: string; readonly before: Opset };
}

/** What type inference may ask besides its inputs. */
export interface InferScope {
  readonly opset: Opset;
  /** True if the argument is a compile-time constant. */
  isConstant(input: string): boolean;
  /** An error to throw: the rule, what would have been right, what was given. */
  error(rule: string, expected: string, actual: string): ShapeError;
}

/** Builder-side type of one argument: MIL values, or JavaScript literals that become consts. */
export type ArgumentOf<S extends InputSpec> = S extends TensorSpec
  ? Value | (S["literal"] extends "boolean" ? boolean : number)
  : S extends TupleSpec
    ? readonly Value[]
    : S extends IntegersSpec
      ? readonly number[] | Value
      : S extends IntegerSpec | RealSpec
        ? number | Value
        : S extends FlagSpec
          ? boolean | Value
          : S extends FlagsSpec
            ? readonly boolean[] | Value
            : S extends ChoiceSpec
              ? S["choices"][number] | Value
              : never;

type Plain<S extends InputSpec, TensorForm, Dynamic> = S extends TensorSpec
  ? TensorForm
  : S extends TupleSpec
    ? readonly TensorForm[]
    : S extends IntegersSpec
      ? readonly number[] | (S["dynamic"] extends true ? Dynamic : never)
      : S extends IntegerSpec | RealSpec
        ? number
        : S extends FlagSpec
          ? boolean
          : S extends FlagsSpec
            ? readonly boolean[]
            : S extends ChoiceSpec
              ? S["choices"][number]
              : never;

type OrAbsent<S extends InputSpec> = S["required"] extends true
  ? never
  : S["fallback"] extends undefined
    ? undefined
    : never;

/** Inputs as type inference sees them: types of tensors, values of constants ("dynamic" where not known yet). */
export type InferredInputs<I extends InputSpecs> = {
  readonly [K in keyof I]: Plain<I[K], TensorType, "dynamic"> | OrAbsent<I[K]>;
};

/** Inputs as evaluation sees them: tensors with elements, values of constants. */
export type EvaluatedInputs<I extends InputSpecs> = {
  readonly [K in keyof I]: Plain<I[K], Tensor, never> | OrAbsent<I[K]>;
};

type RequiredNames<I extends InputSpecs> = {
  [K in keyof I]: I[K]["required"] extends true ? K : never;
}[keyof I];

/** The object literal that a builder method takes. */
export type OpArguments<I extends InputSpecs> = {
  readonly [K in RequiredNames<I>]: ArgumentOf<I[K]>;
} & {
  readonly [K in Exclude<keyof I, RequiredNames<I>>]?: ArgumentOf<I[K]> | undefined;
};

/** The result type of an op: one tensor, or a list of them for ops with several results. */
export type ResultTypes = TensorType | readonly TensorType[];

/** One op of the table. */
export interface OpDefinition<
  I extends InputSpecs = InputSpecs,
  R extends ResultTypes = ResultTypes,
> {
  /** MIL op type, such as "conv". */
  readonly type: string;
  /** First opset that has the op. */
  readonly since: Opset;
  readonly types: Readonly<Record<string, TypeVariable>>;
  readonly inputs: I;
  /** True for `const`, whose parameters are written in `[]` and not in `()`. */
  readonly inAttributes?: boolean;
  /** Types of the results. @throws ShapeError */
  infer(inputs: InferredInputs<I>, scope: InferScope): R;
  /** Writes the results in float64, unrounded; `outputs` come allocated, with the inferred types. */
  evaluate(inputs: EvaluatedInputs<I>, outputs: Outputs): void;
}

/** Results to be filled in; every op has at least one. */
export type Outputs = readonly [Tensor, ...Tensor[]];

/** Identity at run time; at compile time it gives `infer` and `evaluate` the types of their inputs. */
export function defineOp<const I extends InputSpecs, R extends ResultTypes>(
  definition: OpDefinition<I, R>,
): OpDefinition<I, R> {
  return definition;
}

export const FLOATS = ["fp16", "fp32"] as const satisfies readonly DType[];
export const NUMBERS = ["fp16", "fp32", "int32"] as const satisfies readonly DType[];

/** Domain of the ops that only move elements. */
export const MOVABLE: Domain = {
  ios15: ["fp16", "fp32", "int32", "bool"],
  ios17: ["fp16", "fp32", "int8", "uint8", "int16", "uint16", "int32", "bool"],
};
