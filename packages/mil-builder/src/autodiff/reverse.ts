/** The walk from the last op of a function to the first, in which each op's rule appends the gradients of its arguments. */
import { operandsOf, parametersOf, referencesOf, valuesOf } from "../arguments.js";
import { type FunctionBuilder, functionBuilder } from "../builder.js";
import { isFloat } from "../dtype.js";
import { ArgumentError, ShapeError } from "../errors.js";
import type { FunctionScope } from "../function-scope.js";
import type { AnyValue, MilFunction, Operation, TensorType, Value } from "../program.js";
import { formatShape, isStaticShape, tensor } from "../tensor-type.js";
import { BoundVjp } from "./bound-vjp.js";
import { dependents, findRefusal } from "./dependents.js";
import { GradientError } from "./gradient-error.js";
import { GradientSums } from "./gradient-sums.js";
import type { JointOptions } from "./joint-options.js";
import { invalidOps, locationOf, noGradient, refusal } from "./refusal.js";
import { RULES } from "./rules.js";
import { spreadsTo } from "./spread.js";
import type { Gradients, RuleEntry, Rules, VjpRule } from "./vjp.js";

export class Reverse {
  readonly f: FunctionBuilder;
  readonly seeds = new Map<string, Value>();
  readonly #forward: MilFunction;
  readonly #scope: FunctionScope;
  readonly #options: JointOptions;
  readonly #rules: Rules;
  readonly #values: ReadonlyMap<string, AnyValue>;
  readonly #sums: GradientSums;
  /** Values that depend on `wrt`, by other ways than through what is piecewise constant. */
  readonly #varied: ReadonlySet<AnyValue>;

  constructor(forward: MilFunction, scope: FunctionScope, options: JointOptions) {
    this.f = functionBuilder(scope);
    this.#forward = forward;
    this.#scope = scope;
    this.#options = options;
    this.#rules = options.rules === undefined ? RULES : { ...RULES, ...options.rules };
    const { inputs, operations } = forward;
    this.#values = new Map(
      [...inputs, ...operations.flatMap(({ outputs }) => outputs)].map((v) => [v.name, v]),
    );
    this.#sums = new GradientSums(this.f);
    const wanted = options.wrt.map((name) => this.#differentiable(name));
    this.#varied = dependents(operations, wanted, (type) => !isZero(this.#rules[type]));
  }

  find(name: string): AnyValue {
    const value = this.#values.get(name);
    if (value !== undefined) return value;
    const { name: main, inputs, outputs } = this.#forward;
    const ports = [...inputs, ...outputs].map((port) => `"${port.name}"`).join(", ");
    throw new GradientError(
      "unknown_value",
      `"${name}": a value of function "${main}" is meant, got none of that name. Its ports are ${ports}.`,
    );
  }

  run(): void {
    for (const [name, seed] of Object.entries(this.#options.seeds)) {
      const value = this.#differentiable(name);
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
      const value = this.#differentiable(name);
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

  #differentiable(name: string): Value {
    const value = this.find(name);
    const { type } = value;
    if (type.kind !== "tensor" || !isFloat(type.dtype)) {
      throw new GradientError(
        "not_differentiable",
        `"${name}": gradients are of floating-point tensors, got ${type.kind === "tensor" ? type.dtype : `a ${type.kind}`}. Cast it to fp16 or fp32 first.`,
      );
    }
    expectKnownDims(value);
    return value as Value;
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
    const gradients = applied(rule, vjp);
    for (const [name, argument] of Object.entries(parametersOf(operation, operation))) {
      if (!(name in gradients) && valuesOf(argument).some(isWanted)) {
        throw noGradient(operation, name);
      }
    }
    for (const [name, given] of Object.entries(gradients)) {
      const list: readonly (Value | undefined)[] =
        given === undefined || "name" in given ? [given] : given;
      list.forEach((gradient, index) => {
        if (gradient === undefined || !vjp.wants(name, index)) return;
        const value = vjp.values(name)[index]!;
        this.#sums.add(value, this.#checked(operation, name, value, gradient));
      });
    }
  }

  /** The gradient in the dtype of its value. */
  #checked(operation: Operation, name: string, { type }: Value, gradient: Value): Value {
    if (!spreadsTo(gradient.type.shape, type.shape)) {
      throw new GradientError(
        "rule",
        `${locationOf(operation)}: the gradient of "${name}" must broadcast to ${formatShape(type.shape)} with the same rank, got ${formatShape(gradient.type.shape)}. Correct the rule.`,
      );
    }
    const isOther = isFloat(type.dtype) && gradient.type.dtype !== type.dtype;
    return isOther ? this.f.cast({ x: gradient, dtype: type.dtype as "fp16" | "fp32" }) : gradient;
  }
}

function applied(rule: VjpRule, vjp: BoundVjp): Gradients {
  try {
    return rule(vjp);
  } catch (error) {
    const isOfOps = error instanceof ShapeError || error instanceof ArgumentError;
    throw isOfOps ? invalidOps(vjp.operation, error) : error;
  }
}

/** Floats, and the 8-bit numbers between quantize and dequantize, whose gradients are floats. */
function carriesGradient({ type }: AnyValue): boolean {
  if (type.kind !== "tensor") return false;
  return isFloat(type.dtype) || type.dtype === "int8" || type.dtype === "uint8";
}

function isZero(rule: RuleEntry | undefined): boolean {
  return typeof rule === "object" && "zero" in rule;
}

function expectKnownDims({ name, type }: AnyValue): void {
  if (type.kind === "tensor" && !isStaticShape(type.shape)) {
    throw new GradientError(
      "unknown_dims",
      `"${name}": gradients need known dims, got ${formatShape((type as TensorType).shape)}. Give the function's inputs fixed shapes.`,
    );
  }
}
