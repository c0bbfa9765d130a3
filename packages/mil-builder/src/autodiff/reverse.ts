/** The walk from the last op of a function to the first, in which each op's rule appends the gradients of its arguments. */
import { operandsOf, referencesOf } from "../arguments.js";
import { type FunctionBuilder, functionBuilder } from "../builder.js";
import { isFloat } from "../dtype.js";
import type { FunctionScope } from "../function-scope.js";
import type { AnyValue, MilFunction, Operation, Value } from "../program.js";
import { formatShape, tensor } from "../tensor-type.js";
import { applyRule } from "./apply-rule.js";
import { BoundVjp } from "./bound-vjp.js";
import { dependents, findEnd, findRefusal, isZero } from "./dependents.js";
import { expectKnownDims, ForwardValues } from "./forward-values.js";
import { GradientError } from "./gradient-error.js";
import { GradientSums } from "./gradient-sums.js";
import type { JointOptions } from "./joint-options.js";
import { rulesFor } from "./own-rules.js";
import { ending, refusal } from "./refusal.js";
import type { Rules } from "./vjp.js";

export class Reverse {
  readonly f: FunctionBuilder;
  readonly seeds = new Map<string, Value>();
  readonly #forward: MilFunction;
  readonly #scope: FunctionScope;
  readonly #options: JointOptions;
  readonly #rules: Rules;
  readonly #values: ForwardValues;
  readonly #sums: GradientSums;
  /** Values that depend on `wrt`, by other ways than through what is piecewise constant. */
  readonly #varied: ReadonlySet<AnyValue>;

  constructor(forward: MilFunction, scope: FunctionScope, options: JointOptions) {
    this.f = functionBuilder(scope);
    this.#forward = forward;
    this.#scope = scope;
    this.#options = options;
    this.#rules = rulesFor(forward, options.rules);
    this.#values = new ForwardValues(forward, this.#rules);
    this.#sums = new GradientSums(this.f);
    const wanted = options.wrt.map((name) => this.#values.differentiable(name));
    this.#varied = dependents(forward.operations, wanted, (type) => !isZero(this.#rules[type]));
  }

  find(name: string): AnyValue {
    return this.#values.find(name);
  }

  endOf(name: string): string | undefined {
    const ends = Object.keys(this.#options.seeds).map((seeded) => this.find(seeded));
    const found = findEnd(this.#forward.operations, this.find(name), ends, (operation) => {
      const { type, outputs } = operation;
      if (isZero(this.#rules[type]) || !outputs.some(carriesGradient)) return true;
      return outputs.some((value) => this.#sums.has(value));
    });
    return found && ending(found, this.#rules[found.type]);
  }

  run(): void {
    for (const [name, seed] of Object.entries(this.#options.seeds)) {
      const value = this.#values.differentiable(name);
      const given = this.#seed(value, seed);
      this.seeds.set(name, given);
      this.#sums.add(value, given);
    }
    for (const operation of this.#forward.operations.toReversed()) {
      const isReached = operation.outputs.some((value) => this.#sums.has(value));
      const isVaried = referencesOf(operation).some((value) => this.#varied.has(value));
      if (!isReached || !isVaried) continue;
      this.#scope.prefix = `d_${operation.outputs[0]!.name}_`;
      this.#visit(operation);
    }
  }

  gradients(): ReadonlyMap<string, Value> {
    const found = new Map<string, Value>();
    for (const name of this.#options.wrt) {
      const value = this.#values.differentiable(name);
      this.#scope.prefix = `d_${name}_`;
      if (this.#sums.has(value)) found.set(name, this.#sums.whole(value));
      else this.#checkZero(value);
    }
    this.#scope.prefix = "";
    return found;
  }

  /** A gradient that is zero because an op has no derivative at all is a mistake of the caller. */
  #checkZero(value: Value): void {
    const ends = Object.keys(this.#options.seeds).map((name) => this.find(name));
    const found = findRefusal(this.#forward.operations, value, ends, this.#rules);
    if (found !== undefined) throw refusal(found, this.#rules[found.type]);
  }

  #seed(value: Value, seed: string | null): Value {
    const { dtype, shape } = value.type;
    if (seed !== null) return this.f.input(seed, tensor(dtype, shape));
    if (shape.some((dim) => dim !== 1)) {
      throw new GradientError(
        "seed",
        `"${value.name}": the gradient of a tensor of ${formatShape(shape)} must be given, got no seed. Name an input for it with "seed", or reduce the value to one element.`,
      );
    }
    return this.f.constant("one", tensor(dtype, shape), [1]);
  }

  #visit(operation: Operation): void {
    const rule = this.#rules[operation.type];
    if (isZero(rule)) return;
    if (typeof rule !== "function") throw refusal(operation, rule);
    for (const value of [...operandsOf(operation), ...operation.outputs]) expectKnownDims(value);
    const isWanted = (value: AnyValue) => this.#varied.has(value) && carriesGradient(value);
    const vjp = new BoundVjp(operation, {
      f: this.f,
      scope: this.#scope,
      sums: this.#sums,
      isWanted,
    });
    for (const { value, gradient } of applyRule(rule, vjp, isWanted)) {
      this.#sums.add(value, this.#inDTypeOf(value, gradient));
    }
  }

  #inDTypeOf({ type: { dtype } }: Value, gradient: Value): Value {
    const isOther = isFloat(dtype) && gradient.type.dtype !== dtype;
    return isOther ? this.f.cast({ x: gradient, dtype: dtype as "fp16" | "fp32" }) : gradient;
  }
}

/** Floats, and the 8-bit numbers between quantize and dequantize, whose gradients are floats. */
function carriesGradient({ type }: AnyValue): boolean {
  if (type.kind !== "tensor") return false;
  return isFloat(type.dtype) || type.dtype === "int8" || type.dtype === "uint8";
}
