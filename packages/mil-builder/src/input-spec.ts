/** Constructors of parameter specifications, so that an op's table entry reads like its signature. */
import type {
  ChoiceSpec,
  ConstantRule,
  FlagSpec,
  FlagsSpec,
  InputSpec,
  IntegerSpec,
  IntegersSpec,
  RealSpec,
  TensorSpec,
  TupleSpec,
} from "./op-definition.js";
import type { Domain } from "./opset.js";
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

export function integer(): Needed<IntegerSpec> {
  return { kind: "integer", dtypes: INT32, ...REQUIRED };
}

export function integers(): Needed<IntegersSpec> & { readonly dynamic: false } {
  return { kind: "integers", dtypes: INT32, dynamic: false, ...REQUIRED };
}

/** A shape-like vector that must be known when the program is built. */
export function extents(): Needed<IntegersSpec> & { readonly dynamic: false } {
  return { kind: "integers", dtypes: SHAPE_DTYPES, dynamic: false, ...REQUIRED };
}

/** A position-like vector that may also be computed by the program. */
export function positions(): Needed<IntegersSpec> & { readonly dynamic: true } {
  return { kind: "integers", dtypes: SHAPE_DTYPES, dynamic: true, ...REQUIRED };
}

export function real(variable: string): Needed<RealSpec> {
  return { kind: "real", variable, ...REQUIRED };
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

/** Exists only from an opset on. */
export function from<S extends InputSpec>(since: Opset, spec: S): S {
  return { ...spec, since };
}
