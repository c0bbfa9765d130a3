/** Small programs for the verifier, and ways to break them that the builder would not allow. */
import {
  buildProgram,
  type FunctionBuilder,
  type MilFunction,
  type Operation,
  type Program,
  type TensorType,
  tensor,
  type Value,
} from "../../src/index.js";

export const SURFACE = tensor("fp16", [1, 64, 1, 32]);

/** A program of one input "x" and one output "out". */
export function program(
  body: (f: FunctionBuilder, x: Value) => Value,
  { x = SURFACE, ...options }: { x?: TensorType; opset?: "ios16"; version?: "1.0" } = {},
): Program {
  return buildProgram(options, (f) => ({ out: body(f, f.input("x", x)) }));
}

/** A program whose result is an op that need not be in the op table: `type(x = x)`. */
export function rawProgram(
  type: string,
  { inputs = {}, result = SURFACE }: { inputs?: Operation["inputs"]; result?: TensorType } = {},
): Program {
  const base = program((f, x) => f.relu({ x }, "y"));
  return withMain(base, (main) => {
    const argument = { kind: "value", value: main.inputs[0]! } as const;
    const out = { name: "out", type: result };
    return {
      ...main,
      operations: [{ type, inputs: { x: argument, ...inputs }, attributes: {}, outputs: [out] }],
      outputs: [out],
    };
  });
}

/** The program with its only function exchanged. */
export function withMain(base: Program, change: (main: MilFunction) => MilFunction): Program {
  return { ...base, functions: [change(base.functions[0]!)] };
}

/** The program with its last op exchanged. */
export function withLastOperation(
  base: Program,
  change: (operation: Operation) => Operation,
): Program {
  return withMain(base, (main) => ({
    ...main,
    operations: [...main.operations.slice(0, -1), change(main.operations.at(-1)!)],
  }));
}
