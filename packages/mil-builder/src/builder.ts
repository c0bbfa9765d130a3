/**
 * Authoring: `buildProgram` hands a `FunctionBuilder` to the author's body and turns what it returns into a program. Every
 * op is a method with MIL's own parameter names; its result type is inferred in the call.
 */
import { finishFunction } from "./function-outputs.js";
import { FunctionScope, type RawArguments } from "./function-scope.js";
import type { ConstantSource } from "./literal.js";
import { checkIdentifier } from "./names.js";
import type { OpArguments, OpDefinition } from "./op-definition.js";
import { BUILDER_OPS } from "./ops/table.js";
import type { Opset, Program, TensorType, Value } from "./program.js";

type BuilderOps = typeof BUILDER_OPS;

type OpMethod<D> =
  D extends OpDefinition<infer I, infer R>
    ? (
        inputs: OpArguments<I>,
        name?: string,
      ) => R extends readonly TensorType[] ? readonly Value[] : Value
    : never;

/** One method per op: `f.conv({ x, weight }, "q")`. JavaScript literals become shared `const` ops. */
export type OpMethods = { readonly [T in keyof BuilderOps]: OpMethod<BuilderOps[T]> };

/** Appends inputs, constants and ops to the function under construction. */
export interface FunctionBuilder extends OpMethods {
  readonly opset: Opset;
  /** A function input. Its name is the port's. @throws ArgumentError if the name is taken. */
  input(name: string, type: TensorType): Value;
  /**
   * A constant written out in the program, rounded to its dtype.
   * @param elements a scalar, or all elements in row-major order
   * @throws ArgumentError if they do not fit the type
   */
  constant(name: string, type: TensorType, elements: ConstantSource): Value;
  /** A constant in a weight file; `offset` (default 64) is that of the blob's metadata. */
  blob(name: string, type: TensorType, path: string, offset?: number): Value;
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

function functionBuilder(scope: FunctionScope): FunctionBuilder {
  const methods = Object.entries<OpDefinition>(BUILDER_OPS).map(([type, definition]) => {
    const method = (inputs: RawArguments, name?: string) =>
      atCaller(method, () => scope.call(definition, inputs, name));
    return [type, method] as const;
  });
  const own: Omit<FunctionBuilder, keyof OpMethods> = {
    opset: scope.opset,
    input: (name, type) => scope.input(name, type),
    constant: (name, type, elements) => scope.constant(name, type, elements),
    blob: (name, type, path, offset) => scope.blob(name, type, path, offset),
  };
  return { ...(Object.fromEntries(methods) as unknown as OpMethods), ...own };
}

/** Runs `action`; the stack of an error then begins at the call of `method`, the author's line. */
function atCaller<T>(method: (...args: never[]) => unknown, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof Error) Error.captureStackTrace(error, method);
    throw error;
  }
}
