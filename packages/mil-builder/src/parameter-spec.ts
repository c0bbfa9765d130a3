/** The kinds of parameters that ops have. */
import { type Domain, domainAt, hasOpset } from "./opset.js";
import type { DType, Opset } from "./program.js";

/** True, false, or true only for functions of an opset older than this one. */
export type ConstantRule = boolean | { readonly before: Opset };

interface Common {
  readonly required: boolean;
  /** Value when the argument is absent; undefined: the op itself says what absence means. */
  readonly fallback: unknown;
  /** For the reference: what absence means, if the op itself says it. */
  readonly absence?: string;
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

/** One or more values of any types, `loop_vars = (i, list)`. */
export interface AnyTupleSpec extends Common {
  readonly kind: "any_tuple";
}

/** A tensor or a list, of any dtype. */
export interface AnySpec extends Common {
  readonly kind: "any";
}

/** A list; `constant`: one written in the program. */
export interface ListSpec extends Common {
  readonly kind: "list";
  readonly constant: boolean;
}

/** A state of the model. */
export interface StateSpec extends Common {
  readonly kind: "state";
}

/** A scalar integer, a compile-time constant unless `dynamic`. */
export interface IntegerSpec extends Common {
  readonly kind: "integer";
  readonly dtypes: Domain;
  readonly dynamic: boolean;
}

/** A tuple of scalar integers, `begins = (a, b)`; if `dynamic`, one may be computed, or be a string in place of a number. */
export interface IntegerTupleSpec extends Common {
  readonly kind: "integer_tuple";
  readonly dtypes: Domain;
  readonly dynamic: boolean;
}

/** A tuple of compile-time booleans. */
export interface FlagTupleSpec extends Common {
  readonly kind: "flag_tuple";
}

/** A vector of integers, a compile-time constant unless `dynamic`. */
export interface IntegersSpec extends Common {
  readonly kind: "integers";
  readonly dtypes: Domain;
  readonly dynamic: boolean;
}

/** A compile-time scalar of a type variable; booleans read as 0 and 1. */
export interface ScalarSpec extends Common {
  readonly kind: "scalar";
  readonly variable: string;
  /** JavaScript literals that the builder takes. */
  readonly literal: "number" | "any";
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

/** Any compile-time string. */
export interface TextSpec extends Common {
  readonly kind: "text";
}

export type InputSpec =
  | TensorSpec
  | TupleSpec
  | AnyTupleSpec
  | AnySpec
  | ListSpec
  | StateSpec
  | IntegerSpec
  | IntegersSpec
  | IntegerTupleSpec
  | FlagTupleSpec
  | ScalarSpec
  | FlagSpec
  | FlagsSpec
  | ChoiceSpec
  | TextSpec;

export type InputSpecs = Readonly<Record<string, InputSpec>>;

/** Parameters whose value type inference wants to know. */
export type ConstantSpec = Exclude<
  InputSpec,
  { readonly kind: "tensor" | "tuple" | "any" | "any_tuple" | "list" | "state" }
>;

/** Dtypes that a parameter which is not a tensor may have. */
export function dtypesOf(
  spec: Exclude<ConstantSpec, { kind: "scalar" }>,
  opset: Opset,
): readonly DType[] {
  switch (spec.kind) {
    case "integer":
    case "integers":
    case "integer_tuple":
      return domainAt(spec.dtypes, opset);
    case "choice":
    case "text":
      return ["string"];
    default:
      return ["bool"];
  }
}

/** True if the rule demands a constant in that opset. */
export function needsConstant(rule: ConstantRule, opset: Opset): boolean {
  return typeof rule === "boolean" ? rule : !hasOpset(opset, rule.before);
}
