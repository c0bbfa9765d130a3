/** The ops that the elementwise machine computes: each is some instructions, of which only the last one rounds. */
import { Opcode } from "@ane/accel-ops";
import { floatFromHalf, halfFromFloat } from "@ane/mil-builder";
import type { ElementwiseCode, Register } from "./elementwise-code.js";
import type { GraphNode, GraphValue } from "./graph.js";

const UNARY: Readonly<Record<string, Opcode>> = {
  abs: Opcode.ABS,
  ceil: Opcode.CEIL,
  erf: Opcode.ERF,
  exp: Opcode.EXP,
  floor: Opcode.FLOOR,
  relu: Opcode.RELU,
  round: Opcode.ROUND,
  sigmoid: Opcode.SIGMOID,
  sign: Opcode.SIGN,
  silu: Opcode.SILU,
  sqrt: Opcode.SQRT,
  square: Opcode.SQUARE,
  tanh: Opcode.TANH,
};

/** f(x + epsilon) */
const WITH_EPSILON: Readonly<Record<string, Opcode>> = {
  inverse: Opcode.INVERSE,
  log: Opcode.LOG,
  rsqrt: Opcode.RSQRT,
};

const GELU: Readonly<Record<string, Opcode>> = {
  EXACT: Opcode.GELU,
  TANH_APPROXIMATION: Opcode.GELU_TANH,
  SIGMOID_APPROXIMATION: Opcode.GELU_SIGMOID,
};

/** Booleans are 0 and 1, so that logic is arithmetic. */
const BINARY: Readonly<Record<string, Opcode>> = {
  add: Opcode.ADD,
  equal: Opcode.EQUAL,
  greater: Opcode.GREATER,
  greater_equal: Opcode.GREATER_EQUAL,
  less: Opcode.LESS,
  less_equal: Opcode.LESS_EQUAL,
  logical_and: Opcode.MIN,
  logical_or: Opcode.MAX,
  logical_xor: Opcode.NOT_EQUAL,
  maximum: Opcode.MAX,
  minimum: Opcode.MIN,
  mul: Opcode.MUL,
  not_equal: Opcode.NOT_EQUAL,
  pow: Opcode.POW,
  real_div: Opcode.DIV,
  sub: Opcode.SUB,
};

const NATIVE_DTYPES: ReadonlySet<string> = new Set(["fp16", "fp32", "bool"]);

/** True for ops of floats and booleans that the elementwise machine computes. */
export function isElementwise(node: GraphNode): boolean {
  const { type } = node;
  const isKnown =
    type in UNARY ||
    type in WITH_EPSILON ||
    type in BINARY ||
    type === "gelu" ||
    type === "logical_not" ||
    type === "select";
  return isKnown && [node.output, ...tensorOperands(node)].every(isNative);
}

function isNative({ type, origin }: GraphValue): boolean {
  return NATIVE_DTYPES.has(type.dtype) && (origin.kind !== "blob" || type.dtype !== "bool");
}

/** The operands that have a value per element. */
export function tensorOperands(node: GraphNode): readonly GraphValue[] {
  switch (node.type) {
    case "select":
      return [node.value("cond"), node.value("a"), node.value("b")];
    default:
      return node.type in BINARY ? [node.value("x"), node.value("y")] : [node.value("x")];
  }
}

/**
 * Appends the instructions of an op.
 * @param operands registers of `tensorOperands`
 * @param rounded whether the result is rounded to fp16
 */
export function appendOp(
  code: ElementwiseCode,
  node: GraphNode,
  operands: readonly Register[],
  rounded: boolean,
): Register {
  const { type } = node;
  if (type === "select") return code.select(operands[0]!, operands[1]!, operands[2]!);
  if (type === "gelu") return code.apply(GELU[node.text("mode")!]!, operands, rounded);
  if (type === "logical_not") {
    return code.apply(Opcode.SUB, [code.constant(1), operands[0]!], rounded);
  }
  const withEpsilon = WITH_EPSILON[type];
  if (withEpsilon === undefined) {
    return code.apply((UNARY[type] ?? BINARY[type])!, operands, rounded);
  }
  const epsilon = epsilonOf(node);
  const shifted =
    epsilon === 0
      ? operands[0]!
      : code.apply(Opcode.ADD, [operands[0]!, code.constant(epsilon)], false);
  return code.apply(withEpsilon, [shifted], rounded);
}

/** An absent epsilon has the dtype of x (coremltools): the 1e-12 of rsqrt is 0 in fp16. */
function epsilonOf(node: GraphNode): number {
  const given = node.number("epsilon")!;
  const isHalf = node.value("x").type.dtype === "fp16";
  return node.has("epsilon") || !isHalf ? given : floatFromHalf(halfFromFloat(given));
}
