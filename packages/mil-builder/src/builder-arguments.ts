/** What builder methods are given, and the dtypes of JavaScript literals among it. */
import { ShapeError } from "./errors.js";
import type { ConstantSource } from "./literal.js";
import type { OpDefinition } from "./op-definition.js";
import type { ScalarSpec, TensorSpec } from "./parameter-spec.js";
import type { AnyValue, DType } from "./program.js";

/** What a builder method is given per parameter. */
export type RawArgument =
  | AnyValue
  | readonly AnyValue[]
  | readonly (AnyValue | number | boolean | string)[]
  | readonly string[]
  | Exclude<ConstantSource, ArrayLike<number>>
  | readonly number[];
export type RawArguments = Readonly<Record<string, RawArgument | undefined>>;

export function isValue(given: RawArgument): given is AnyValue {
  return typeof given === "object" && "name" in given && "type" in given;
}

/**
 * A literal takes the dtype of the other tensors of its type variable, or of one that it may be tied to. Without any, a scalar
 * parameter takes fp32 for numbers, as coremltools does for Python's.
 */
export function literalDType(
  where: string,
  definition: OpDefinition,
  parameter: string,
  { kind, variable }: TensorSpec | ScalarSpec,
  literal: RawArgument,
  raw: RawArguments,
): DType {
  const related = (other: string) =>
    other === variable ||
    definition.types[variable]?.tiedTo?.variable === other ||
    definition.types[other]?.tiedTo?.variable === variable;
  for (const [name, spec] of Object.entries(definition.inputs)) {
    if (!("variable" in spec)) continue;
    const given = raw[name];
    const value = spec.kind === "tuple" ? (given as readonly AnyValue[] | undefined)?.[0] : given;
    if (value === undefined || !isValue(value) || value.type.kind !== "tensor") continue;
    if (related(spec.variable)) return value.type.dtype;
  }
  const { domain } = definition.types[variable]!;
  if (Array.isArray(domain) && domain.length === 1) return domain[0] as DType;
  if (kind === "scalar") return typeof literal === "boolean" ? "bool" : "fp32";
  throw new ShapeError({
    op: where,
    rule: `"${parameter}" is a literal and takes its dtype from another operand`,
    expected: "a value among the operands, or a constant made by f.constant",
    actual: "literals only",
  });
}
