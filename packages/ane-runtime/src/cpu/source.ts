/** From what a caller compiles (text or IR) to a well-formed function. */
import {
  FormatError,
  isUnknownDim,
  type MilFunction,
  type Operation,
  opDefinition,
  type Program,
  parse,
  type TensorType,
  type ValueType,
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

/** Throws for the first op that is unknown, cannot run here or breaks a rule of the language. @throws CompileError */
export function checkProgram(kernel: string, program: Program): void {
  for (const main of program.functions) {
    for (const operation of main.operations) checkOperation(kernel, main, operation);
  }
  const broken = verify(program).find(({ rule }) => LANGUAGE_RULES.has(rule));
  if (broken)
    throw new CompileError(kernel, `${broken.where}: ${broken.message}. ${broken.remedy}`);
}

function checkOperation(kernel: string, main: MilFunction, operation: Operation): void {
  const { type, outputs, inputs, attributes, blocks } = operation;
  const where = `${main.name}: ${type} "${outputs[0]?.name ?? ""}"`;
  const definition = opDefinition(type);
  if (!definition) {
    throw new CompileError(
      kernel,
      `${where}: the op must be in the op table, got "${type}". ${SUPPORTED_OPS}`,
    );
  }
  if (definition.refused !== undefined) {
    throw new CompileError(
      kernel,
      `${where}: ops must be computable, got one that is not: ${definition.refused}. Replace it.`,
    );
  }
  const constants = [...Object.values(inputs), ...Object.values(attributes)];
  const isStatic =
    blocks === undefined &&
    outputs.every(({ type }) => isStaticTensor(type)) &&
    constants.every(({ kind }) => kind !== "sequence" && kind !== "dictionary");
  if (!isStatic) {
    throw new CompileError(
      kernel,
      `${where}: this device runs tensors of static shape only, got another type, an unknown dim or nested blocks. ` +
        "Express it with static tensors.",
    );
  }
}

function isStaticTensor(type: ValueType): type is TensorType {
  return type.kind === "tensor" && !type.shape.some(isUnknownDim);
}

/** The surfaces of a function. @throws CompileError for values that no surface can hold */
export function portsOf(
  kernel: string,
  main: MilFunction,
): { inputs: readonly Port[]; outputs: readonly Port[] } {
  const toPort = ({ name, type }: MilFunction["inputs"][number]): Port => {
    if (!isStaticTensor(type)) {
      throw new CompileError(
        kernel,
        `${main.name}: "${name}": inputs and outputs must be tensors of static shape, got a ${type.kind} of another type. ` +
          "Give every dim a number.",
      );
    }
    const { dtype, shape } = type;
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
