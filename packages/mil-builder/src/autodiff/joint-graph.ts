/**
 * Reverse mode on programs: the ops of a function, followed by those that compute gradients of some of its values from the
 * gradients of others. What `grad` and everything that trains is made of.
 */
import { definedValues, operandsOf, parametersOf, referencesOf, valuesOf } from "../arguments.js";
import { type FunctionBuilder, type FunctionOutputs, functionBuilder } from "../builder.js";
import { isFloat } from "../dtype.js";
import { finishFunction } from "../function-outputs.js";
import { FunctionScope } from "../function-scope.js";
import { substitute } from "../passes/pass.js";
import type { AnyValue, MilFunction, Operation, Program, TensorType, Value } from "../program.js";
import { formatShape, isStaticShape, tensor } from "../tensor-type.js";
import { BoundVjp } from "./bound-vjp.js";
import { dependents, findRefusal } from "./dependents.js";
import { GradientError } from "./gradient-error.js";
import { GradientSums } from "./gradient-sums.js";
import { RULES } from "./rules.js";
import { spreadsTo } from "./spread.js";
import type { RuleEntry, Rules } from "./vjp.js";

/** What is differentiated. */
export interface JointOptions {
  /** Values whose gradients are given, by name, and the name of the input to add for each; null: 1, for a single element. */
  readonly seeds: Readonly<Record<string, string | null>>;
  /** Values whose gradients are wanted: inputs, constants, intermediate results. */
  readonly wrt: readonly string[];
  /** Which function of the program. Default "main". */
  readonly function?: string;
  /** Rules in place of or beside those of the table, by op type. */
  readonly rules?: Rules;
}

/** A forward function with the ops of its gradients behind it. */
export interface JointGraph {
  /** The forward function; its values are values of the joint function, too. */
  readonly forward: MilFunction;
  /** Appends further ops to the joint function. */
  readonly f: FunctionBuilder;
  /** Given gradients, by the name of the value that they belong to. */
  readonly seeds: ReadonlyMap<string, Value>;
  /** Gradients by the name in `wrt`, each of the shape of its value; none where it is exactly zero. */
  readonly gradientOf: ReadonlyMap<string, Value>;
  /** The value of that name in the forward function. @throws GradientError */
  find(name: string): AnyValue;
  /** Ends the joint function. Outputs may be values of the forward part, gradients, or what `f` appended. */
  finish(outputs: FunctionOutputs): Program;
}

/** Appends the gradients of `wrt` to a function. @throws GradientError */
export function jointGraph(program: Program, options: JointOptions): JointGraph {
  const forward = forwardFunction(program, options.function ?? "main");
  const scope = new FunctionScope(forward.opset);
  scope.adopt(forward);
  const reverse = new Reverse(forward, scope, options);
  reverse.run();
  return {
    forward,
    f: reverse.f,
    seeds: reverse.seeds,
    gradientOf: reverse.gradients(),
    find: (name) => reverse.find(name),
    finish(outputs) {
      const { attributes } = forward;
      const joint = finishFunction(scope, forward.name, outputs);
      return {
        ...program,
        functions: [attributes === undefined ? joint : { ...joint, attributes }],
      };
    },
  };
}

/** The function, in which every mention of a value is the same object. */
function forwardFunction(program: Program, wanted: string): MilFunction {
  const main = program.functions.find(({ name }) => name === wanted);
  if (main === undefined) {
    const known = program.functions.map(({ name }) => name).join(", ");
    throw new GradientError(
      "unknown_value",
      `the program has the functions ${known}, got "${wanted}". Name one of them.`,
    );
  }
  const values = new Map<string, AnyValue>(main.inputs.map((value) => [value.name, value]));
  const operations = main.operations.map((operation) => {
    const isShared = operandsOf(operation).every((value) => values.get(value.name) === value);
    for (const value of operation.outputs) values.set(value.name, value);
    return isShared && operation.blocks === undefined ? operation : substitute(operation, values);
  });
  return { ...main, operations, outputs: main.outputs.map(({ name }) => values.get(name)!) };
}

class Reverse {
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
      if (isReached && isVaried) this.#visit(operation);
    }
  }

  gradients(): ReadonlyMap<string, Value> {
    const found = new Map<string, Value>();
    for (const name of this.#options.wrt) {
      const value = this.#differentiable(name);
      if (this.#sums.has(value)) found.set(name, this.#sums.whole(value));
      else this.#checkZero(value);
    }
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
    const gradients = rule(vjp);
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

function locationOf(operation: Operation): string {
  const [first] = definedValues(operation);
  return `op "${operation.type}" (value "${first?.name ?? referencesOf(operation)[0]?.name ?? ""}")`;
}

/** A parameter that the rule knows nothing of: scalars such as alpha, or an argument that was forgotten. */
function noGradient(operation: Operation, name: string): GradientError {
  return new GradientError(
    "not_differentiable",
    `${locationOf(operation)}: the rule gives no gradient of "${name}". Write the op out with others, or pass a rule that does.`,
  );
}

function refusal(operation: Operation, rule: RuleEntry | undefined): GradientError {
  const known =
    typeof rule === "object" && "refused" in rule
      ? rule
      : {
          refused: "no rule is known",
          advice: 'Pass one in "rules", or express the op with others',
        };
  return new GradientError(
    "not_differentiable",
    `${locationOf(operation)}: ${known.refused}. ${known.advice}.`,
  );
}
