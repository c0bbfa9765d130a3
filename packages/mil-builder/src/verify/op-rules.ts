/** What public projects report about other ops, alone or after one another. */
import { operationRule, type Rule } from "./rule.js";
import { singleType } from "./scope.js";

const SLICE_INPUT = operationRule({
  id: "slice-input",
  statement: "function inputs are cut with slice_by_size",
  status: "single report",
  evidence: "Espresso: slice_by_index of an input gives InvalidMILProgram",
  remedy: "Use slice_by_size.",
  ops: ["slice_by_index"],
  broken: ({ inputs, type }, scope) => (scope.isFunctionInput(inputs.x) ? type : undefined),
});

const ROOT_OF_SUM = operationRule({
  id: "root-of-reduction",
  statement: "sqrt and rsqrt do not read the result of a reduction directly",
  status: "single report",
  evidence: "rustane",
  remedy: "Use pow with exponent 0.5 or -0.5.",
  ops: ["sqrt", "rsqrt"],
  broken({ inputs }, scope) {
    const producer = scope.producer(inputs.x)?.type;
    return producer?.startsWith("reduce_") ? producer : undefined;
  },
});

const WIDTH_AXIS = operationRule({
  id: "width-axis",
  statement: "the width axis is neither cut nor joined",
  status: "single report",
  evidence: "rustane pull request 9: rejected on M3 Ultra",
  remedy: "Permute with a constant matrix, or use the channel axis.",
  chips: ["m3"],
  ops: ["slice_by_size", "slice_by_index", "concat"],
  broken({ type, inputs, outputs }, scope) {
    const result = outputs[0]!.type.shape;
    if (type === "concat") {
      const axis = scope.numbers(inputs.axis)?.[0];
      return axis === -1 || axis === result.length - 1 ? "concat" : undefined;
    }
    return result.at(-1) === singleType(inputs.x)?.shape.at(-1) ? undefined : type;
  },
});

const CAST_TARGET = operationRule({
  id: "cast-target",
  statement: "casts do not end in int4, uint4 or int32",
  status: "single report",
  evidence: "ironmill",
  remedy: "Convert on the CPU.",
  ops: ["cast"],
  broken({ outputs }) {
    const { dtype } = outputs[0]!.type;
    return ["int4", "uint4", "int32"].includes(dtype) ? dtype : undefined;
  },
});

const HALF_ARITHMETIC = operationRule({
  id: "fp16-arithmetic",
  statement: "conv and matmul compute in fp16",
  status: "single report",
  evidence:
    "hollance/neural-engine docs/16-bit.md: the engine has no other floating-point arithmetic",
  remedy: 'Author the kernel with dtype "fp16"; fp32 is for the cpu device.',
  ops: ["conv", "matmul"],
  broken: ({ outputs }) => (outputs[0]!.type.dtype === "fp32" ? "fp32" : undefined),
});

export const OP_RULES: readonly Rule[] = [
  SLICE_INPUT,
  ROOT_OF_SUM,
  WIDTH_AXIS,
  CAST_TARGET,
  HALF_ARITHMETIC,
];
