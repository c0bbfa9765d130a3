/** The values of the function that is differentiated, by name. */
import { isCompileTime } from "../arguments.js";
import { isFloat } from "../dtype.js";
import type { AnyValue, MilFunction, TensorType, Value } from "../program.js";
import { formatShape, isStaticShape } from "../tensor-type.js";
import { GradientError } from "./gradient-error.js";
import { isRefused, locationOf, refusal } from "./refusal.js";
import type { Rules } from "./vjp.js";

/** That a message lists. */
const MOST_NAMES = 16;

export class ForwardValues {
  readonly #forward: MilFunction;
  readonly #rules: Rules;
  readonly #values: ReadonlyMap<string, AnyValue>;

  constructor(forward: MilFunction, rules: Rules) {
    const { inputs, operations } = forward;
    const all = [...inputs, ...operations.flatMap(({ outputs }) => outputs)];
    this.#forward = forward;
    this.#rules = rules;
    this.#values = new Map(all.map((value) => [value.name, value]));
  }

  /** @throws GradientError if there is none of that name */
  find(name: string): AnyValue {
    const value = this.#values.get(name);
    if (value !== undefined) return value;
    throw new GradientError(
      "unknown_value",
      `"${name}": a value of function "${this.#forward.name}" is meant, got none of that name. Name one of ${this.#names()}.`,
    );
  }

  /** @throws GradientError if it has no gradient, whatever computes it */
  differentiable(name: string): Value {
    const value = this.find(name);
    const { type } = value;
    if (type.kind !== "tensor" || !isFloat(type.dtype)) {
      const { inputs, operations } = this.#forward;
      const producer = operations.find(({ outputs }) => outputs.includes(value));
      const rule = producer && this.#rules[producer.type];
      if (isRefused(rule)) throw refusal(producer!, rule);
      const advice = inputs.includes(value)
        ? "Make it an input of fp16 or fp32"
        : "Name a floating-point value that it is computed from, or that is computed from it";
      throw new GradientError(
        "not_differentiable",
        `${producer ? locationOf(producer) : `"${name}"`}: gradients are of floating-point tensors, got ${type.kind === "tensor" ? type.dtype : `a ${type.kind}`}. ${advice}.`,
      );
    }
    expectKnownDims(value);
    return value as Value;
  }

  /** For messages: inputs and outputs first, no constants. */
  #names(): string {
    const { inputs, outputs, operations } = this.#forward;
    const computed = operations.filter(({ type }) => !isCompileTime(type));
    const all = [...inputs, ...outputs, ...computed.flatMap((operation) => operation.outputs)];
    const names = [...new Set(all.map(({ name }) => `"${name}"`))];
    const more = names.length - MOST_NAMES;
    return names.slice(0, MOST_NAMES).join(", ") + (more > 0 ? `, or ${more} others` : "");
  }
}

/** @throws GradientError */
export function expectKnownDims({ name, type }: AnyValue): void {
  if (type.kind === "tensor" && !isStaticShape(type.shape)) {
    throw new GradientError(
      "unknown_dims",
      `"${name}": gradients need known dims, got ${formatShape((type as TensorType).shape)}. Give the function's inputs fixed shapes.`,
    );
  }
}
