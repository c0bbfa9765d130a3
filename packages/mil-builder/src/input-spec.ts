/** Constructors of parameter specifications, so that an op's table entry reads like its signature. */

import type { Domain } from "./opset.js";
import type {
  AnySpec,
  AnyTupleSpec,
  ChoiceSpec,
  ConstantRule,
  FlagSpec,
  FlagsSpec,
  FlagTupleSpec,
  InputSpec,
  IntegerSpec,
  IntegersSpec,
  IntegerTupleSpec,
  ListSpec,
  ScalarSpec,
  StateSpec,
  TensorSpec,
  TextSpec,
  TupleSpec,
} from "./parameter-spec.js";
import type { Opset } from "./program.js";

type Needed<S> = Omit<S, "required" | "fallback"> & {
  readonly required: true;
  readonly fallback: undefined;
};

const REQUIRED = { required: true, fallback: undefined } as const;
const INT32: Domain = ["int32"];
/** Shape-like vectors: iOS17 lets them be shorter integers. */
const SHAPE_DTYPES: Domain = { ios15: ["int32"], ios17: ["int32", "int16", "int8"] };

export function tensorInput(
  variable: string,
  constant: ConstantRule = false,
): Needed<TensorSpec> & { readonly literal: "number" } {
  return { kind: "tensor", variable, literal: "number", constant, ...REQUIRED };
}

export function conditionInput(
  variable: string,
): Needed<TensorSpec> & { readonly literal: "boolean" } {
  return { kind: "tensor", variable, literal: "boolean", constant: false, ...REQUIRED };
}

export function tupleInput(variable: string): Needed<TupleSpec> {
  return { kind: "tuple", variable, ...REQUIRED };
}

/** One or more values of any types. */
export function anyTuple(): Needed<AnyTupleSpec> {
  return { kind: "any_tuple", ...REQUIRED };
}

/** A tensor or a list. */
export function anyInput(): Needed<AnySpec> {
  return { kind: "any", ...REQUIRED };
}

/** A list that the program computes. */
export function listInput(): Needed<ListSpec> & { readonly constant: false } {
  return { kind: "list", constant: false, ...REQUIRED };
}

/** A list written in the program. */
export function constantList(): Needed<ListSpec> & { readonly constant: true } {
  return { kind: "list", constant: true, ...REQUIRED };
}

export function stateInput(): Needed<StateSpec> {
  return { kind: "state", ...REQUIRED };
}

export function integer(dtypes: Domain = INT32): Needed<IntegerSpec> & { readonly dynamic: false } {
  return { kind: "integer", dtypes, dynamic: false, ...REQUIRED };
}

/** An integer that may also be computed by the program. */
export function count(dtypes: Domain = INT32): Needed<IntegerSpec> & { readonly dynamic: true } {
  return { kind: "integer", dtypes, dynamic: true, ...REQUIRED };
}

export function integers(
  dtypes: Domain = INT32,
): Needed<IntegersSpec> & { readonly dynamic: false } {
  return { kind: "integers", dtypes, dynamic: false, ...REQUIRED };
}

/** A tuple of integers that must be known when the program is built. */
export function integerTuple(): Needed<IntegerTupleSpec> & { readonly dynamic: false } {
  return { kind: "integer_tuple", dtypes: INT32, dynamic: false, ...REQUIRED };
}

/** A tuple of dims; a string names one that is known when the program runs. */
export function dimTuple(): Needed<IntegerTupleSpec> & { readonly dynamic: true } {
  return { kind: "integer_tuple", dtypes: ["int32", "string"], dynamic: true, ...REQUIRED };
}

export function flagTuple(): Needed<FlagTupleSpec> {
  return { kind: "flag_tuple", ...REQUIRED };
}

/** A shape-like vector that must be known when the program is built. */
export function extents(): Needed<IntegersSpec> & { readonly dynamic: false } {
  return { kind: "integers", dtypes: SHAPE_DTYPES, dynamic: false, ...REQUIRED };
}

/** A position-like vector that may also be computed by the program. */
export function positions(
  dtypes: Domain = SHAPE_DTYPES,
): Needed<IntegersSpec> & { readonly dynamic: true } {
  return { kind: "integers", dtypes, dynamic: true, ...REQUIRED };
}

export function real(variable: string): Needed<ScalarSpec> & { readonly literal: "number" } {
  return { kind: "scalar", variable, literal: "number", ...REQUIRED };
}

/** A scalar that may also be a boolean, such as the value to fill with. */
export function element(variable: string): Needed<ScalarSpec> & { readonly literal: "any" } {
  return { kind: "scalar", variable, literal: "any", ...REQUIRED };
}

export function flag(): Needed<FlagSpec> {
  return { kind: "flag", ...REQUIRED };
}

export function flags(): Needed<FlagsSpec> {
  return { kind: "flags", ...REQUIRED };
}

export function choice<const C extends readonly string[]>(
  choices: C,
): Needed<ChoiceSpec> & { readonly choices: C } {
  return { kind: "choice", choices, ...REQUIRED };
}

/** Any string. */
export function textInput(): Needed<TextSpec> {
  return { kind: "text", ...REQUIRED };
}

type Optional<S, F> = Omit<S, "required" | "fallback"> & {
  readonly required: false;
  readonly fallback: F;
};

/** May be left out; `fallback` is then its value. */
export function optional<S extends InputSpec>(spec: S): Optional<S, undefined>;
export function optional<S extends InputSpec, F>(spec: S, fallback: F): Optional<S, F>;
export function optional(spec: InputSpec, fallback?: unknown): unknown {
  return { ...spec, required: false, fallback };
}

/** May be left out; the op then does what `absence` says. */
export function absent<S extends InputSpec>(spec: S, absence: string): Optional<S, undefined> {
  return { ...optional(spec), absence };
}

/** Exists only from an opset on. */
export function from<S extends InputSpec>(since: Opset, spec: S): S {
  return { ...spec, since };
}
