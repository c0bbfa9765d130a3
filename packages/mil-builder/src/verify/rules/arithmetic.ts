/** Rules about elementwise arithmetic and reductions: what fails to compile, and what computes something else. */
import type { Argument, Operation } from "../../program.js";
import { formatShape } from "../../tensor-type.js";
import { operationRule, type Rule } from "../rule.js";
import { type Scope, singleType } from "../scope.js";

const MAX_HALF = 65504;
/** 7.63e-6, the engine's smallest argument of log and rsqrt. */
const SMALLEST_ARGUMENT = 2 ** -17;
const DEFAULT_EPSILON: Readonly<Record<string, number>> = { log: 1e-45, rsqrt: 1e-12 };
const BROADCASTING = ["add", "sub", "mul", "real_div", "maximum", "minimum", "pow"];

const ROOT_OF_SUM = operationRule({
  id: "root-of-reduction",
  statement: "sqrt and rsqrt do not read the result of a reduction directly",
  status: "single report",
  evidence: "rustane",
  remedy: "Use pow with exponent 0.5 or -0.5.",
  ops: ["sqrt", "rsqrt"],
  broken: ({ inputs }, scope) => reductionBehind(inputs.x, scope),
});

const ZERO_PRODUCT = operationRule({
  id: "zero-product",
  statement: "the result of a reduction is not multiplied by 0",
  status: "single report",
  evidence: "ANEForge: mul(reduce(x), 0.0) fails to compile",
  remedy: "Fold constants first.",
  ops: ["mul"],
  broken({ inputs: { x, y } }, scope) {
    const isZero = (argument: Argument | undefined) => {
      const elements = scope.numbers(argument);
      return elements !== undefined && elements.length > 0 && elements.every((e) => e === 0);
    };
    if (isZero(y)) return reductionBehind(x, scope);
    return isZero(x) ? reductionBehind(y, scope) : undefined;
  },
});

const CONSTANT_RANGE = operationRule({
  id: "constant-range",
  statement: `floating-point constants lie within ±${MAX_HALF}`,
  status: "agreed",
  evidence:
    "Orion RESULTS, maderix/ANE mil_dynamic.h: larger values become infinite, masks use -65504; 751K: the multiply-accumulate array reads infinities as large numbers",
  remedy: "Use -65504 for masks, and scale other numbers down.",
  ops: ["const"],
  broken({ attributes: { val } }) {
    if (val?.kind !== "literal" || !val.type.dtype.startsWith("fp")) return undefined;
    const wrong = Array.from(val.elements as ArrayLike<unknown>, Number).find(
      (element) => !(Math.abs(element) <= MAX_HALF),
    );
    return wrong === undefined ? undefined : `${wrong}`;
  },
});

const SMALL_ARGUMENT = operationRule({
  id: "small-argument",
  statement: "log and rsqrt add an epsilon of 7.63e-6 (2^-17) or more",
  status: "single report",
  evidence: "libane: of smaller values they are infinite",
  remedy: "Raise epsilon, or scale the argument.",
  ops: ["log", "rsqrt"],
  broken({ type, inputs: { epsilon } }, scope) {
    const given = scope.numbers(epsilon)?.[0] ?? DEFAULT_EPSILON[type]!;
    return given < SMALLEST_ARGUMENT ? `${given}` : undefined;
  },
});

const BATCH_BROADCAST = operationRule({
  id: "batch-broadcast",
  statement: "mul does not broadcast along the batch axis",
  status: "single report",
  evidence: "field-guide: unreliable inside programs of several ops",
  remedy: "Put the batch on the channel axis, or one mul per item.",
  ops: ["mul"],
  broken: ({ inputs: { x, y } }) => {
    const [left, right] = [singleType(x)?.shape ?? [], singleType(y)?.shape ?? []];
    if (left.length !== 4 || right.length !== 4 || left[0] === right[0]) return undefined;
    return left[0] === 1 || right[0] === 1
      ? `${formatShape(left)} and ${formatShape(right)}`
      : undefined;
  },
});

const CHANNEL_BROADCAST = operationRule({
  id: "channel-broadcast",
  statement: "no operand of shape [1, C, 1] is broadcast",
  status: "single report",
  evidence: "imperatormk, on M1: gives zeros",
  remedy: "Use [1, C, 1, 1].",
  chips: ["m1"],
  ops: BROADCASTING,
  broken(operation) {
    const operands = [operation.inputs.x, operation.inputs.y].map(singleType);
    const isColumn = (shape: readonly number[]) =>
      shape.length === 3 && shape[0] === 1 && shape[1]! > 1 && shape[2] === 1;
    const column = operands.find((type) => type !== undefined && isColumn(type.shape));
    return column && isWidened(operation, column.shape) ? formatShape(column.shape) : undefined;
  },
});

/** True if the op's result has more elements than a shape. */
function isWidened({ outputs }: Operation, shape: readonly number[]): boolean {
  const type = outputs[0]?.type;
  return type?.kind === "tensor" && formatShape(type.shape) !== formatShape(shape);
}

/** The op that computes an argument if it is a reduction. */
function reductionBehind(argument: Argument | undefined, scope: Scope): string | undefined {
  const producer = scope.producer(argument)?.type;
  return producer?.startsWith("reduce_") ? producer : undefined;
}

export const ARITHMETIC_RULES: readonly Rule[] = [
  ROOT_OF_SUM,
  ZERO_PRODUCT,
  CONSTANT_RANGE,
  SMALL_ARGUMENT,
  BATCH_BROADCAST,
  CHANNEL_BROADCAST,
];
