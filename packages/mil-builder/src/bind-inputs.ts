/**
 * Binds the arguments of an op to the parameters of its definition: presence, const-ness, dtype domains and kinds are
 * checked here, once, for builder, parser and interpreter.
 */
import { type ConstantNames, isConstant, type SingleArgument, typeOf } from "./arguments.js";
import { ShapeError } from "./errors.js";
import { roundToDType } from "./float-format.js";
import type { OpDefinition } from "./op-definition.js";
import { domainAt, hasOpset } from "./opset.js";
import {
  type ConstantRule,
  type ConstantSpec,
  dtypesOf,
  type InputSpec,
  needsConstant,
  type ScalarSpec,
} from "./parameter-spec.js";
import type {
  Argument,
  Block,
  DType,
  LiteralElements,
  Opset,
  TensorType,
  ValueType,
} from "./program.js";
import { formatType } from "./tensor-type.js";

export interface OpCall {
  readonly definition: OpDefinition;
  /** Op type and SSA name, for messages. */
  readonly where: string;
  readonly opset: Opset;
  readonly arguments: Readonly<Record<string, Argument>>;
  readonly constants: ConstantNames;
  /** Blocks of `cond` and `while_loop`. */
  readonly blocks?: readonly Block[];
}

/** How arguments are handed over, and where the elements of computed vectors are found. */
export interface InputResolver<T> {
  tensor(argument: SingleArgument): T;
  /** An argument that need not be a tensor. */
  any(argument: SingleArgument): unknown;
  elements(argument: SingleArgument): LiteralElements | undefined;
}

/** Values of all parameters of the definition by name. @throws ShapeError */
export function bindInputs<T>(
  call: OpCall,
  resolver: InputResolver<T>,
): Readonly<Record<string, never>> {
  const { definition } = call;
  for (const name in call.arguments) parameterSpec(call, name);
  const binder = new Binder(call, resolver);
  const bound: Record<string, unknown> = {};
  for (const name in definition.inputs) {
    const spec = definition.inputs[name]!;
    const exists = spec.since === undefined || hasOpset(call.opset, spec.since);
    bound[name] = exists ? binder.bind(name, spec) : spec.fallback;
  }
  // Each definition's own `infer` knows the precise type of its inputs; the table as a whole does not.
  return bound as Record<string, never>;
}

/** The parameter of that name. @throws ShapeError if the op has none in the opset. */
export function parameterSpec(
  { definition, opset, where }: Pick<OpCall, "definition" | "opset" | "where">,
  name: string,
): InputSpec {
  const spec = Object.hasOwn(definition.inputs, name) ? definition.inputs[name] : undefined;
  if (spec === undefined || (spec.since !== undefined && !hasOpset(opset, spec.since))) {
    throw new ShapeError({
      op: where,
      rule: `parameters must exist in ${opset}`,
      expected: `one of ${Object.keys(definition.inputs).join(", ")}`,
      actual: `"${name}"`,
    });
  }
  return spec;
}

class Binder<T> {
  readonly #call: OpCall;
  readonly #resolver: InputResolver<T>;
  readonly #variables = new Map<string, DType>();

  constructor(call: OpCall, resolver: InputResolver<T>) {
    this.#call = call;
    this.#resolver = resolver;
  }

  bind(name: string, spec: InputSpec): unknown {
    const argument = this.#call.arguments[name];
    if (argument === undefined) {
      if (spec.required) {
        throw broken(this.#call, `"${name}" is required`, `an argument "${name}"`, "none");
      }
      return spec.kind === "scalar" ? this.#scalarFallback(spec) : spec.fallback;
    }
    switch (spec.kind) {
      case "tuple":
        return this.#items(name, argument, (item) => this.#tensor(name, spec.variable, item));
      case "any_tuple":
        return this.#items(name, argument, (item) => this.#resolver.any(item));
      case "integer_tuple":
      case "flag_tuple":
        return this.#items(name, argument, (item) => this.#constant(name, spec, item));
    }
    const given = single(this.#call, name, argument);
    switch (spec.kind) {
      case "tensor":
        this.#checkConstant(name, spec.constant, given);
        return this.#tensor(name, spec.variable, given);
      case "any":
        return this.#resolver.any(given);
      case "list":
      case "state":
        this.#checkKind(name, spec.kind, given);
        this.#checkConstant(name, spec.kind === "list" && spec.constant, given);
        return this.#resolver.any(given);
      default:
        return this.#constant(name, spec, given);
    }
  }

  #items<U>(name: string, argument: Argument, bind: (item: SingleArgument) => U): readonly U[] {
    const items = argument.kind === "tuple" ? argument.items : [argument];
    if (items.length === 0) {
      throw broken(this.#call, `"${name}" is a tuple`, "at least one value", "an empty tuple");
    }
    return items.map((item) => bind(single(this.#call, name, item)));
  }

  /** coremltools gives an absent epsilon the dtype of x. */
  #scalarFallback({ fallback }: ScalarSpec): unknown {
    const dtype = [...this.#variables.values()][0];
    return typeof fallback === "number" && dtype !== undefined
      ? roundToDType(fallback, dtype)
      : fallback;
  }

  #checkConstant(name: string, rule: ConstantRule, argument: SingleArgument): void {
    if (needsConstant(rule, this.#call.opset) && !isConstant(argument, this.#call.constants)) {
      const rest = `"${name}" must be a compile-time constant`;
      throw broken(this.#call, rest, "a const", "a computed value");
    }
  }

  #checkKind(name: string, kind: ValueType["kind"], argument: SingleArgument): void {
    const type = typeOf(argument);
    if (type.kind !== kind) {
      throw broken(this.#call, `"${name}" must be a ${kind}`, `a ${kind}`, formatType(type));
    }
  }

  #tensor(name: string, variable: string, argument: SingleArgument): T {
    this.#checkDType(name, variable, tensorType(this.#call, name, argument));
    return this.#resolver.tensor(argument);
  }

  #checkDType(name: string, variable: string, type: TensorType): void {
    const { opset, definition } = this.#call;
    const rule = definition.types[variable]!;
    const domain = domainAt(rule.domain, opset);
    if (!domain.includes(type.dtype)) {
      const rest = `"${name}" must have a dtype of its domain in ${opset}`;
      throw broken(this.#call, rest, domain.join(" or "), type.dtype);
    }
    const tied = rule.tiedTo !== undefined && !hasOpset(opset, rule.tiedTo.before);
    const key = tied ? rule.tiedTo!.variable : variable;
    const dtype = this.#variables.get(key);
    if (dtype !== undefined && dtype !== type.dtype) {
      const rest = `inputs of type ${key} must have one dtype, and "${name}" differs`;
      throw broken(this.#call, rest, dtype, type.dtype);
    }
    this.#variables.set(key, type.dtype);
  }

  #constant(name: string, spec: ConstantSpec, argument: SingleArgument): unknown {
    const type = tensorType(this.#call, name, argument);
    const elements = this.#resolver.elements(argument);
    if (spec.kind === "scalar") {
      if (!isWrittenDefault(spec, type, elements)) this.#checkDType(name, spec.variable, type);
    } else this.#expectDType(name, type, dtypesOf(spec, this.#call.opset));
    const isVector = spec.kind === "integers" || spec.kind === "flags";
    if (type.shape.length !== (isVector ? 1 : 0)) {
      const expected = isVector ? "a vector" : "a scalar";
      throw broken(this.#call, `"${name}" must be ${expected}`, expected, formatType(type));
    }
    if (elements === undefined) {
      if ("dynamic" in spec && spec.dynamic) return type;
      const rest = `"${name}" must be a compile-time constant`;
      throw broken(this.#call, rest, "a const literal", "a computed value");
    }
    if (type.dtype === "string" && spec.kind === "integer_tuple") return type;
    const read = spec.kind.startsWith("flag") ? Boolean : plain;
    if (isVector) return Array.from(elements as ArrayLike<unknown>, read);
    const element = read(elements[0]);
    if (spec.kind === "choice" && !spec.choices.includes(String(element))) {
      const choices = spec.choices.map((text) => `"${text}"`).join(" or ");
      throw broken(this.#call, `"${name}" must be one of its choices`, choices, `"${element}"`);
    }
    return spec.kind === "scalar" ? Number(element) : element;
  }

  #expectDType(name: string, type: TensorType, dtypes: readonly DType[]): void {
    if (!dtypes.includes(type.dtype)) {
      const rest = `"${name}" must have the dtype of its parameter`;
      throw broken(this.#call, rest, dtypes.join(" or "), type.dtype);
    }
  }
}

/** coremltools writes the defaults of most scalars out as fp32, whatever the dtype of x. */
function isWrittenDefault(
  { fallback }: ScalarSpec,
  { dtype }: TensorType,
  elements: LiteralElements | undefined,
): boolean {
  return (
    dtype === "fp32" && typeof fallback === "number" && elements?.[0] === Math.fround(fallback)
  );
}

function single(call: OpCall, name: string, argument: Argument): SingleArgument {
  if (argument.kind === "tuple") {
    throw broken(
      call,
      `"${name}" takes one value`,
      "one value",
      `a tuple of ${argument.items.length}`,
    );
  }
  return argument;
}

/** The type of a parameter that is a tensor or scalar. */
function tensorType(call: OpCall, name: string, argument: SingleArgument): TensorType {
  const type = typeOf(argument);
  if (type.kind === "tensor") return type;
  throw broken(call, `"${name}" must be a tensor`, "a tensor or scalar", formatType(type));
}

/** Integers of literals may be bigint; parameters are small enough for numbers. */
function plain(element: unknown): unknown {
  return typeof element === "bigint" ? Number(element) : element;
}

function broken(call: OpCall, rule: string, expected: string, actual: string): ShapeError {
  return new ShapeError({ op: call.where, rule, expected, actual });
}
