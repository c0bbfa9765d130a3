/** Rules about ops that only move elements: slices, concat, reshape, transpose. */
import { operationRule, type Rule } from "../rule.js";
import { resultType, singleType } from "../scope.js";

const MAX_OFFSET_BEFORE_M3 = 4094;
const SLICES = ["slice_by_size", "slice_by_index"];

const CONCAT_INTERLEAVE = operationRule({
  id: "concat-interleave",
  statement: "concat says whether it interleaves",
  status: "conflicting",
  evidence:
    "Orion #1: concat is rejected; maderix/ANE joins 6 values, Espresso 12, ironmill, ANEForge and 751K accept it: all write interleave",
  remedy: "Give interleave = false.",
  ops: ["concat"],
  broken: ({ inputs }) => (inputs.interleave === undefined ? "no interleave" : undefined),
});

const SLICE_INPUT = operationRule({
  id: "slice-input",
  statement: "function inputs are cut with slice_by_size",
  status: "single report",
  evidence: "Espresso: slice_by_index of an input gives InvalidMILProgram",
  remedy: "Use slice_by_size.",
  ops: ["slice_by_index"],
  broken: ({ inputs, type }, scope) => (scope.isFunctionInput(inputs.x) ? type : undefined),
});

const DYNAMIC_SLICE = operationRule({
  id: "dynamic-slice",
  statement: "slices start at positions that are known at compile time",
  status: "conflicting",
  evidence: "751K: computed starts do not run on the engine; ANEForge: they do from A14 on",
  remedy: "Multiply by a selection matrix, or cut on the CPU.",
  ops: SLICES,
  broken: ({ inputs: { begin } }, scope) =>
    scope.isComputed(begin) ? "a computed begin" : undefined,
});

const MOVED_INPUT = operationRule({
  id: "moved-input",
  statement: "function inputs are not reduced, reshaped or transposed directly",
  status: "single report",
  evidence:
    "imperatormk, on M1; it names slice and concat too, but maderix/ANE's kernels do both on M1",
  remedy: "Compute with the input first, or bring it along in the shape that is needed.",
  chips: ["m1"],
  broken: ({ type, inputs }, scope) =>
    (type === "reshape" || type === "transpose" || type.startsWith("reduce_")) &&
    scope.isFunctionInput(inputs.x)
      ? type
      : undefined,
});

const WIDTH_AXIS = operationRule({
  id: "width-axis",
  statement: "the width axis of computed tensors is neither cut, joined nor reshaped",
  status: "single report",
  evidence:
    "rustane pull request 9: rejected on M3 Ultra; maderix/ANE pull request 28 runs the dynamic kernels there, which cut function inputs along their width",
  remedy: "Permute with a constant matrix, or use the channel axis.",
  chips: ["m3"],
  ops: [...SLICES, "concat", "reshape"],
  broken(operation, scope) {
    const { type, inputs } = operation;
    const result = resultType(operation)?.shape ?? [];
    if (type === "concat") {
      const axis = scope.numbers(inputs.axis)?.[0];
      return axis === -1 || axis === result.length - 1 ? "concat" : undefined;
    }
    if (type === "slice_by_size" && scope.isFunctionInput(inputs.x)) return undefined;
    return result.at(-1) === singleType(inputs.x)?.shape.at(-1) ? undefined : type;
  },
});

const WIDTH_OFFSET = operationRule({
  id: "width-offset",
  statement: `slices start at column ${MAX_OFFSET_BEFORE_M3} at most`,
  status: "single report",
  evidence: "ANEForge: a larger width offset gives infinities before A16",
  remedy: "Put the tensors on the channel axis.",
  chips: ["m1", "m2"],
  ops: SLICES,
  broken({ inputs }, scope) {
    const offset = scope.numbers(inputs.begin)?.at(-1) ?? 0;
    return offset > MAX_OFFSET_BEFORE_M3 ? `${offset}` : undefined;
  },
});

export const MOVEMENT_RULES: readonly Rule[] = [
  CONCAT_INTERLEAVE,
  SLICE_INPUT,
  DYNAMIC_SLICE,
  MOVED_INPUT,
  WIDTH_AXIS,
  WIDTH_OFFSET,
];
