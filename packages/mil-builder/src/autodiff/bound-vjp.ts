/** One op of the forward program, bound to the parameters of its definition for a rule. Rules may take its members apart. */
import { constantElements, parametersOf, typeOf } from "../arguments.js";
import { bindInputs } from "../bind-inputs.js";
import type { FunctionBuilder } from "../builder.js";
import type { FunctionScope } from "../function-scope.js";
import { opDefinition } from "../ops/table.js";
import type { AnyValue, Argument, Operation, TensorType, Value } from "../program.js";
import { GradientError } from "./gradient-error.js";
import type { GradientSums } from "./gradient-sums.js";
import { locationOf } from "./refusal.js";
import type { Vjp } from "./vjp.js";

/** What all rules of a joint function share. */
interface Context {
  readonly f: FunctionBuilder;
  readonly scope: FunctionScope;
  readonly sums: GradientSums;
  isWanted(value: AnyValue): boolean;
}

export class BoundVjp implements Vjp {
  readonly operation: Operation;
  readonly #context: Context;
  readonly #arguments: Readonly<Record<string, Argument>>;
  #parameters: Readonly<Record<string, unknown>> | undefined;

  constructor(operation: Operation, context: Context) {
    this.operation = operation;
    this.#context = context;
    this.#arguments = parametersOf(operation, operation);
  }

  get f(): FunctionBuilder {
    return this.#context.f;
  }

  readonly value = (name: string): Value => {
    const [value] = this.values(name);
    if (value === undefined) throw this.#missing(name, "an argument", "none");
    return value;
  };

  readonly values = (name: string): readonly Value[] => {
    const argument = this.#arguments[name];
    if (argument === undefined) return [];
    const items = argument.kind === "tuple" ? argument.items : [argument];
    return items.map((item) => this.#valueOf(name, item));
  };

  readonly has = (name: string): boolean => this.#arguments[name] !== undefined;

  readonly number = (name: string): number =>
    this.#parameter(name, "a number", (it) => typeof it === "number");

  readonly numbers = (name: string): readonly number[] =>
    this.#parameter(name, "numbers", (it) => isListOf("number", it));

  readonly flag = (name: string): boolean =>
    this.#parameter(name, "a boolean", (it) => typeof it === "boolean");

  readonly flags = (name: string): readonly boolean[] =>
    this.#parameter(name, "booleans", (it) => isListOf("boolean", it));

  readonly text = (name: string): string =>
    this.#parameter(name, "a string", (it) => typeof it === "string");

  readonly elements = (name: string): readonly number[] | undefined => {
    const argument = this.#arguments[name];
    if (argument === undefined || argument.kind === "tuple") return undefined;
    const known = constantElements(argument, this.#context.scope.constants);
    return known && Array.from(known as ArrayLike<unknown>, Number);
  };

  get outputs(): readonly Value[] {
    return this.operation.outputs as readonly Value[];
  }

  get output(): Value {
    return this.outputs[0]!;
  }

  get cotangents(): readonly (Value | undefined)[] {
    const { sums } = this.#context;
    return this.outputs.map((value) => (sums.has(value) ? sums.whole(value) : undefined));
  }

  get cotangent(): Value {
    return this.#context.sums.whole(this.output);
  }

  get compactCotangent(): Value {
    return this.#context.sums.compact(this.output);
  }

  readonly wants = (name: string, index = 0): boolean => {
    const argument = this.#arguments[name];
    const item = argument?.kind === "tuple" ? argument.items[index] : argument;
    return item?.kind === "value" && this.#context.isWanted(item.value);
  };

  #valueOf(name: string, argument: Argument): Value {
    if (argument.kind === "value") return argument.value as Value;
    if (argument.kind !== "literal" && argument.kind !== "blob") {
      throw this.#missing(name, "a tensor", `a ${argument.kind}`);
    }
    return this.#context.scope.emitConstant(name, argument);
  }

  #parameter<T>(name: string, kind: string, is: (given: unknown) => boolean): T {
    this.#parameters ??= this.#bind();
    const given = this.#parameters[name];
    if (!is(given)) {
      throw this.#missing(name, kind, given === undefined ? "none" : "a computed value");
    }
    return given as T;
  }

  #bind(): Readonly<Record<string, unknown>> {
    const { type, opset = this.f.opset } = this.operation;
    const definition = opDefinition(type, opset);
    if (definition === undefined) return this.#literals();
    const { constants } = this.#context.scope;
    const where = `${type} "${this.outputs[0]?.name ?? ""}"`;
    return bindInputs(
      { definition, where, opset, arguments: this.#arguments, constants },
      { tensor: typeOf, any: typeOf, elements: (it) => constantElements(it, constants) },
    );
  }

  /** Parameters of an op that is in no table, as far as they are written out. */
  #literals(): Readonly<Record<string, unknown>> {
    const { constants } = this.#context.scope;
    const entries = Object.entries(this.#arguments).flatMap(([name, argument]) => {
      if (argument.kind === "tuple") return [];
      const elements = constantElements(argument, constants);
      if (elements === undefined) return [];
      const list = Array.from<unknown>(elements);
      const { shape } = typeOf(argument) as TensorType;
      return [[name, shape.length === 0 ? list[0] : list] as const];
    });
    return Object.fromEntries(entries);
  }

  #missing(name: string, expected: string, actual: string): GradientError {
    return new GradientError(
      "unknown_parameter",
      `${locationOf(this.operation)}: "${name}" must be ${expected} when the gradient is derived, got ${actual}. Make it a constant.`,
    );
  }
}

function isListOf(type: "number" | "boolean", given: unknown): boolean {
  return Array.isArray(given) && given.every((item) => typeof item === type);
}
