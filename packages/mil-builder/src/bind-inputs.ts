/**
 * Binds the arguments of an op to the parameters of its definition: presence, const-ness, dtype domains and kinds are
 * checked here, once, for builder, parser and interpreter.
 */
import {
  type ConstantNames,
  constantElements,
  isConstant,
  type SingleArgument,
  typeOf,
} from "./arguments.js";
import { ShapeError } from "./errors.js";
import { roundToDType } from "./float-format.js";
import type {
  ConstantRule,
  InferScope,
  InputSpec,
  OpDefinition,
  ResultTypes,
  TensorSpec,
} from "./op-definition.js";
import { domainAt, hasOpset } from "./opset.js";
import type { Argument, DType, LiteralElements, Opset, TensorType } from "./program.js";
import { formatType } from "./tensor-type.js";

export interface OpCall {
  readonly definition: OpDefinition;
  /** Op type and SSA name, for messages. */
  readonly where: string;
  readonly opset: Opset;
  readonly arguments: Readonly<Record<string, Argument>>;
  readonly constants: ConstantNames;
}

/** How a tensor argument is handed over, and where the elements of computed vectors are found. */
export interface InputResolver<T> {
  tensor(argument: SingleArgument): T;
  elements(argument: SingleArgument): LiteralElements | undefined;
}

/** The types of an op's results, as a list. @throws ShapeError */
export function inferOperation(call: OpCall): readonly TensorType[] {
  const types = inferResult(call);
  return "kind" in types ? [types] : types;
}

/** The type of an op's result, or a list for an op that may have several. @throws ShapeError */
export function inferResult(call: OpCall): ResultTypes {
  const { definition, opset, where } = call;
  if (!hasOpset(opset, definition.since)) {
    throw new ShapeError({
      op: where,
      rule: "the op must exist in the function's opset",
      expected: `${definition.since} or newer`,
      actual: opset,
    });
  }
  const scope: InferScope = {
    opset,
    isConstant: (input) => isConstant(call.arguments[input], call.constants),
    error: (rule, expected, actual) => new ShapeError({ op: where, rule, expected, actual }),
  };
  const inputs = bindInputs(call, {
    tensor: typeOf,
    elements: (argument) => constantElements(argument, call.constants),
  });
  return definition.infer(inputs, scope);
}

/** Values of all parameters of the definition by name. @throws ShapeError */
export function bindInputs<T>(
  call: OpCall,
  resolver: InputResolver<T>,
): Readonly<Record<string, never>> {
  const { definition } = call;
  for (const name of Object.keys(call.arguments)) parameterSpec(call, name);
  const binder = new Binder(call, resolver);
  const bound: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(definition.inputs))
    bound[name] = binder.bind(name, spec);
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
      return spec.kind === "real" ? this.#realFallback(spec.fallback) : spec.fallback;
    }
    if (spec.kind === "tuple") {
      const items = argument.kind === "tuple" ? argument.items : [argument];
      if (items.length === 0) {
        throw broken(
          this.#call,
          `"${name}" takes tensors`,
          "at least one tensor",
          "an empty tuple",
        );
      }
      return items.map((item) => this.#tensor(name, spec.variable, single(this.#call, name, item)));
    }
    const given = single(this.#call, name, argument);
    if (spec.kind === "tensor") {
      this.#checkConstant(name, spec, given);
      return this.#tensor(name, spec.variable, given);
    }
    return this.#constant(name, spec, given);
  }

  /** coremltools gives an absent epsilon the dtype of x. */
  #realFallback(fallback: unknown): unknown {
    const dtype = [...this.#variables.values()][0];
    return typeof fallback === "number" && dtype !== undefined
      ? roundToDType(fallback, dtype)
      : fallback;
  }

  #checkConstant(name: string, spec: TensorSpec, argument: SingleArgument): void {
    if (
      ruleApplies(spec.constant, this.#call.opset) &&
      !isConstant(argument, this.#call.constants)
    ) {
      throw broken(
        this.#call,
        `"${name}" must be a compile-time constant`,
        "a const",
        "a computed value",
      );
    }
  }

  #tensor(name: string, variable: string, argument: SingleArgument): T {
    this.#checkDType(name, variable, typeOf(argument));
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

  #constant(
    name: string,
    spec: Exclude<InputSpec, { kind: "tensor" | "tuple" }>,
    argument: SingleArgument,
  ) {
    const type = typeOf(argument);
    if (spec.kind === "real") this.#checkDType(name, spec.variable, type);
    else this.#checkKind(name, type, dtypesOf(spec, this.#call.opset));
    const isVector = spec.kind === "integers" || spec.kind === "flags";
    if (type.shape.length !== (isVector ? 1 : 0)) {
      const expected = isVector ? "a vector" : "a scalar";
      throw broken(this.#call, `"${name}" must be ${expected}`, expected, formatType(type));
    }
    const elements = this.#resolver.elements(argument);
    if (elements === undefined) {
      if (spec.kind === "integers" && spec.dynamic) return "dynamic";
      throw broken(
        this.#call,
        `"${name}" must be a compile-time constant`,
        "a const literal",
        "a computed value",
      );
    }
    if (isVector) return Array.from(elements as ArrayLike<unknown>, plain);
    const element = plain(elements[0]);
    if (spec.kind === "choice" && !spec.choices.includes(String(element))) {
      const choices = spec.choices.map((text) => `"${text}"`).join(" or ");
      throw broken(this.#call, `"${name}" must be one of its choices`, choices, `"${element}"`);
    }
    return element;
  }

  #checkKind(name: string, type: TensorType, dtypes: readonly DType[]): void {
    if (!dtypes.includes(type.dtype)) {
      const expected = dtypes.join(" or ");
      throw broken(
        this.#call,
        `"${name}" must have the dtype of its parameter`,
        expected,
        type.dtype,
      );
    }
  }
}

/** Dtypes that a parameter which is not a tensor may have. */
export function dtypesOf(
  spec: Exclude<InputSpec, { kind: "tensor" | "tuple" | "real" }>,
  opset: Opset,
): readonly DType[] {
  switch (spec.kind) {
    case "integer":
    case "integers":
      return domainAt(spec.dtypes, opset);
    case "choice":
      return ["string"];
    default:
      return ["bool"];
  }
}

function ruleApplies(rule: ConstantRule, opset: Opset): boolean {
  return typeof rule === "boolean" ? rule : !hasOpset(opset, rule.before);
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

/** Integers of literals may be bigint; parameters are small enough for numbers. */
function plain(element: unknown): unknown {
  return typeof element === "bigint" ? Number(element) : element;
}

function broken(call: OpCall, rule: string, expected: string, actual: string): ShapeError {
  return new ShapeError({ op: call.where, rule, expected, actual });
}
