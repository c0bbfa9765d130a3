/** Rules about dtypes that the engine computes with. */
import { DTYPES } from "../../dtype.js";
import { operationRule, type Rule, tensorRule } from "../rule.js";
import { resultType, singleType } from "../scope.js";

const CAST_TARGET = operationRule({
  id: "cast-target",
  statement: "casts do not end in int4, uint4 or int32",
  status: "single report",
  evidence: "ironmill",
  remedy: "Convert on the CPU.",
  ops: ["cast"],
  broken(operation) {
    const dtype = resultType(operation)?.dtype ?? "";
    return ["int4", "uint4", "int32"].includes(dtype) ? dtype : undefined;
  },
});

const INT32_TENSOR = tensorRule({
  id: "int32-tensor",
  statement: "no int32 tensor is computed",
  status: "agreed",
  evidence: "ANEForge, 751K: int32 tensors are not supported",
  remedy: "Ask for uint16 where an op lets choose, or compute it on the CPU.",
  broken: ({ dtype }) => (dtype === "int32" ? dtype : undefined),
});

const INTEGER_TO_HALF = operationRule({
  id: "integer-to-fp16",
  statement: "integers that become fp16 have 8 bits",
  status: "single report",
  evidence: "ANEForge: fp16 holds integers exactly up to 2048 only",
  remedy: "Split the number into digits, or compute with it on the CPU.",
  ops: ["cast"],
  broken(operation) {
    const from = singleType(operation.inputs.x)?.dtype;
    if (from === undefined || resultType(operation)?.dtype !== "fp16") return undefined;
    const { kind, bits } = DTYPES[from];
    return (kind === "signed" || kind === "unsigned") && bits > 8 ? from : undefined;
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
  broken: (operation) => (resultType(operation)?.dtype === "fp32" ? "fp32" : undefined),
});

export const DTYPE_RULES: readonly Rule[] = [
  CAST_TARGET,
  INT32_TENSOR,
  INTEGER_TO_HALF,
  HALF_ARITHMETIC,
];
