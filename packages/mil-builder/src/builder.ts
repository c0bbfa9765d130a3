/**
 * Authoring: `buildProgram` hands a `FunctionBuilder` to the author's body and turns what it returns into a program. Every
 * op is a method with MIL's own parameter names; its result type is inferred in the call.
 */

import type { RawArguments } from "./builder-arguments.js";
import { type Branches, callCond, callWhileLoop, type Loop } from "./builder-blocks.js";
import { finishFunction } from "./function-outputs.js";
import { FunctionScope } from "./function-scope.js";
import type { ConstantSource } from "./literal.js";
import { checkIdentifier } from "./names.js";
import type { OpDefinition, OpVariants, ResultTypes } from "./op-definition.js";
import { BUILDER_OPS, opDefinition } from "./ops/table.js";
import type { OpArguments } from "./parameter-types.js";
import type { AnyValue, Opset, Program, TensorType, Value, ValueType } from "./program.js";

type BuilderOps = typeof BUILDER_OPS;

type ArgumentsOf<D> = D extends OpDefinition<infer I, ResultTypes> ? OpArguments<I> : never;

type ResultOf<D> =
  D extends OpDefinition<infer _, infer R>
    ? R extends readonly (infer T extends ValueType)[]
      ? readonly Value<T>[]
      : R extends ValueType
        ? Value<R>
        : never
    : never;

/** An op with variants takes the parameters of any of them; which one it is, the function's opset says. */
type OpMethod<E> = E extends OpVariants
  ? (inputs: ArgumentsOf<E[number]>, name?: string) => ResultOf<E[number]>
  : (inputs: ArgumentsOf<E>, name?: string) => ResultOf<E>;

/** One method per op: `f.conv({ x, weight }, "q")`. JavaScript literals become shared `const` ops. */
export type OpMethods = { readonly [T in keyof BuilderOps]: OpMethod<BuilderOps[T]> };

/** Appends inputs, constants and ops to the function under construction. */
export interface FunctionBuilder extends OpMethods {
  readonly opset: Opset;
  /** A function input. Its name is the port's. @throws ArgumentError if the name is taken. */
  input<T extends ValueType>(name: string, type: T): Value<T>;
  /**
   * A constant written out in the program, rounded to its dtype.
   * @param elements a scalar, or all elements in row-major order
   * @throws ArgumentError if they do not fit the type
   */
  constant(name: string, type: TensorType, elements: ConstantSource): Value;
  /** A constant in a weight file; `offset` (default 64) is that of the blob's metadata. */
  blob(name: string, type: TensorType, path: string, offset?: number): Value;
  /** `pred ? whenTrue() : whenFalse()`: the ops that either function appends become a block, whose values are not seen outside. */
  cond<R extends readonly AnyValue[]>(branches: Branches<R>, name?: string): R;
  /** As long as `condition(...vars)` is true, `vars = body(...vars)`, beginning with `loop_vars`. */
  while_loop<const V extends readonly AnyValue[]>(loop: Loop<V>, name?: string): V;
}

/** What `buildProgram` may be told about the program. */
export interface BuildOptions {
  /** Opset of the function. Default "ios18". */
  readonly opset?: Opset;
  /** Default text dialect of the program. Default "1.3". */
  readonly version?: Program["version"];
  /** Name of the function. Default "main". */
  readonly name?: string;
}

/** Function outputs by port name, or values that keep their own names. */
export type FunctionOutputs = Readonly<Record<string, Value>> | readonly Value[];

/**
 * The engine's compiler is reported to want `coremlc-version`, whatever its value; these values stand in programs that are
 * reported to compile on the engine.
 */
const BUILD_INFO: Readonly<Record<string, string>> = {
  "coremlc-component-MIL": "3510.2.1",
  "coremlc-version": "3505.4.1",
  "coremltools-component-milinternal": "",
  "coremltools-version": "9.0",
};

/**
 * Builds a program of one function.
 * @throws ShapeError at the author's call if an op's rule is broken; ArgumentError for names and foreign values.
 */
export function buildProgram(
  { opset = "ios18", version = "1.3", name = "main" }: BuildOptions,
  body: (f: FunctionBuilder) => FunctionOutputs,
): Program {
  checkIdentifier(name, "buildProgram");
  const scope = new FunctionScope(opset);
  const outputs = body(functionBuilder(scope));
  return { version, buildInfo: BUILD_INFO, functions: [finishFunction(scope, name, outputs)] };
}

type Method = (inputs: RawArguments, name?: string) => AnyValue | readonly AnyValue[];

/** A method per op, made when it is first asked for: a function uses few of the many. */
class OpCalls {
  readonly #scope: FunctionScope;
  readonly #methods = new Map<string, Method>();

  constructor(scope: FunctionScope) {
    this.#scope = scope;
  }

  static {
    for (const type of Object.keys(BUILDER_OPS)) {
      Object.defineProperty(OpCalls.prototype, type, {
        get(this: OpCalls) {
          return this.#method(type);
        },
      });
    }
  }

  #method(type: string): Method {
    let method = this.#methods.get(type);
    if (method === undefined) {
      const scope = this.#scope;
      const definition = opDefinition(type, scope.opset)!;
      const made: Method = (inputs, name) =>
        atCaller(made, () => scope.call(definition, inputs, name));
      method = made;
      this.#methods.set(type, method);
    }
    return method;
  }
}

/** The typed face of a function under construction. */
export function functionBuilder(scope: FunctionScope): FunctionBuilder {
  const own: Omit<FunctionBuilder, keyof OpMethods> = {
    opset: scope.opset,
    input: (name, type) => scope.input(name, type),
    constant: (name, type, elements) => scope.constant(name, type, elements),
    blob: (name, type, path, offset) => scope.blob(name, type, path, offset),
    cond: (branches, name) => callCond(scope, branches, name),
    while_loop: (loop, name) => callWhileLoop(scope, loop, name),
  };
  return Object.assign(new OpCalls(scope) as unknown as OpMethods, own);
}

/** Runs `action`; the stack of an error then begins at the call of `method`, the author's line. */
function atCaller<T>(method: (...args: never[]) => unknown, action: () => T): T {
  try {
    return action();
  } catch (error) {
    // Not every browser has it; the stack then begins inside this package.
    if (error instanceof Error) Error.captureStackTrace?.(error, method);
    throw error;
  }
}
