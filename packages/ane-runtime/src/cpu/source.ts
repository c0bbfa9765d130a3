/** From what a caller compiles (text or IR) to a well-formed function. */
import {
  FormatError,
  type MilFunction,
  opDefinition,
  type Program,
  parse,
  verify,
} from "@ane/mil-builder";
import type { Port } from "../device.js";
import { CompileError } from "../errors.js";
import { formatShape } from "./shape.js";

/** Rules of the language itself; what only the engine refuses is no reason to refuse it here. */
const LANGUAGE_RULES: ReadonlySet<string> = new Set([
  "duplicate-name",
  "use-before-definition",
  "opset",
  "op-arguments",
  "result-type",
]);

const SUPPORTED_OPS =
  "Supported are the ops that the FunctionBuilder of @ane/mil-builder has as methods: express it with those.";

/** @throws CompileError naming line and column */
export function parseSource(kernel: string, text: string): Program {
  try {
    return parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const isUnsupported = cause instanceof FormatError && cause.code === "ERR_MIL_UNSUPPORTED";
    const message = isUnsupported ? `${reason} ${SUPPORTED_OPS}` : reason;
    throw new CompileError(kernel, message, { cause });
  }
}

/** The function that a kernel runs: "main", or the only one. @throws CompileError */
export function entryFunction(kernel: string, { functions }: Program): MilFunction {
  const only = functions.length === 1 ? functions[0] : undefined;
  const main = functions.find(({ name }) => name === "main") ?? only;
  if (!main) {
    const names = functions.map(({ name }) => `"${name}"`).join(", ") || "no function";
    throw new CompileError(
      kernel,
      `program: one function must be named "main", got ${names}. Rename the one to run.`,
    );
  }
  return main;
}

/** Throws for the first op that is unknown or breaks a rule of the language. @throws CompileError */
export function checkProgram(kernel: string, program: Program): void {
  for (const { name, operations } of program.functions) {
    for (const { type, outputs } of operations) {
      if (opDefinition(type)) continue;
      const value = outputs[0]?.name ?? "";
      throw new CompileError(
        kernel,
        `${name}: ${type} "${value}": the op must be in the op table, got "${type}". ` +
          SUPPORTED_OPS,
      );
    }
  }
  const broken = verify(program).find(({ rule }) => LANGUAGE_RULES.has(rule));
  if (broken)
    throw new CompileError(kernel, `${broken.where}: ${broken.message}. ${broken.remedy}`);
}

/** The surfaces of a function. @throws CompileError for values that no surface can hold */
export function portsOf(
  kernel: string,
  main: MilFunction,
): { inputs: readonly Port[]; outputs: readonly Port[] } {
  const toPort = ({ name, type: { dtype, shape } }: MilFunction["inputs"][number]): Port => {
    const [n, c, h, w, ...rest] = shape;
    const isRank4 = n !== undefined && c !== undefined && h !== undefined && w !== undefined;
    if ((dtype !== "fp16" && dtype !== "fp32") || !isRank4 || rest.length > 0) {
      throw new CompileError(
        kernel,
        `${main.name}: "${name}": inputs and outputs must be fp16 or fp32 of shape [1, C, 1, W], ` +
          `got ${dtype} ${formatShape(shape)}. Cast or reshape it inside the program.`,
      );
    }
    return { name, dtype, shape: [n, c, h, w] };
  };
  return { inputs: main.inputs.map(toPort), outputs: main.outputs.map(toPort) };
}
