/** Rules about the function's inputs and outputs, which are surfaces in memory that the CPU and the engine share. */
import { DTYPES } from "../../dtype.js";
import type { AnyValue } from "../../program.js";
import { formatShape, formatType } from "../../tensor-type.js";
import { type Finding, operationRule, type Rule, type RuleText, surfaceRule } from "../rule.js";
import { bytesOf, resultType, type Scope, singleType } from "../scope.js";

const ROW_BYTES = 64;
const MIN_BYTES_M1 = 2048;

const ROW_ALIGNMENT = surfaceRule({
  id: "row-alignment",
  statement: "a row of a surface fills whole 64-byte lines",
  status: "agreed",
  evidence:
    "field-guide (spatial extents of 32), libane (S multiple of 32), rustane (fp32 width multiple of 16); " +
    "modelAttributes give RowStride 64 for 8-byte rows; Orion's minimum of 49,152 bytes is 768 such rows " +
    "(its #14 alone reads rows of 32 bytes as packed)",
  remedy: "Pad the last axis to a multiple of 32 elements in fp16, 16 in fp32.",
  broken(type) {
    const bytes = ((type.shape.at(-1) ?? 1) * DTYPES[type.dtype].bits) / 8;
    return bytes % ROW_BYTES > 0 ? `${bytes} bytes (${formatType(type)})` : undefined;
  },
});

const SURFACE_BYTES = surfaceRule({
  id: "surface-bytes",
  statement: `a surface has ${MIN_BYTES_M1} bytes at least`,
  status: "single report",
  evidence: "imperatormk, on M1; Orion: [1, 4, 1, 4] fails and [1, 256, 1, 64] works",
  remedy: "Pad the channels.",
  chips: ["m1"],
  broken(type) {
    const bytes = bytesOf(type);
    return bytes < MIN_BYTES_M1 ? `${bytes} bytes (${formatType(type)})` : undefined;
  },
});

const SPATIAL_ONE = surfaceRule({
  id: "spatial-one",
  statement: "a surface has more than one position",
  status: "agreed",
  evidence: "Espresso, Orion: heads with a spatial extent of 1 fail with 0x1d",
  remedy: "Evaluate 32 positions at once and read the one that is needed.",
  broken: ({ shape }) =>
    shape.length > 2 && shape.slice(2).every((dim) => dim === 1) ? formatShape(shape) : undefined,
});

const SURFACE_DTYPE = surfaceRule({
  id: "surface-dtype",
  statement: "inputs and outputs are fp16, fp32 or integers of 8 or 16 bits",
  status: "agreed",
  evidence: "ANEForge (e5rt ports), 751K: int32 tensors are not supported",
  remedy: "Keep other types inside the function, or on the CPU.",
  broken({ dtype }) {
    const { bits, kind } = DTYPES[dtype];
    const isNarrowInteger =
      (kind === "signed" || kind === "unsigned") && (bits === 8 || bits === 16);
    return dtype === "fp16" || dtype === "fp32" || isNarrowInteger ? undefined : dtype;
  },
});

const INT8_SURFACE = surfaceRule({
  id: "int8-surface",
  statement: "int8 stays inside the function",
  status: "conflicting",
  evidence: "ironmill: int8 only as an intermediate; ANEForge lists int8 among the dtypes of ports",
  remedy: "Quantize inside the function, and give it fp16.",
  broken: ({ dtype }) => (dtype === "int8" ? dtype : undefined),
});

const SURFACE_RANK = surfaceRule({
  id: "surface-rank",
  statement: "inputs and outputs have rank 4, [N, C, H, W]",
  status: "single report",
  evidence: "imperatormk: rank-3 tensors are rejected on M1",
  remedy: "Reshape to [1, C, 1, W].",
  chips: ["m1"],
  broken: ({ shape }) => (shape.length === 4 ? undefined : formatShape(shape)),
});

const SURFACE_ORDER = portsRule(
  {
    id: "surface-order",
    statement: "the names of several inputs, or outputs, are in alphabetical order",
    status: "conflicting",
    evidence:
      "Orion #3, #13: surfaces are ordered by name; imperatormk, on M1: by size; a compiled model's symbol arrays tell",
    remedy: "Name them so that the alphabet gives the declared order.",
  },
  (previous, value) =>
    value.name < previous.name ? `"${value.name}" after "${previous.name}"` : undefined,
);

const SURFACE_SIZES = portsRule(
  {
    id: "surface-sizes",
    statement: "several inputs, or outputs, have one size in bytes",
    status: "conflicting",
    evidence:
      "Orion #2, #12: else 0x1d; ANEForge, imperatormk and ane-bridge-rs use different sizes, so padding of rows may explain it",
    remedy: "Join them on the channel axis of one surface, or pad the smaller ones.",
  },
  (previous, value) => {
    if (previous.type.kind !== "tensor" || value.type.kind !== "tensor") return undefined;
    const [before, after] = [bytesOf(previous.type), bytesOf(value.type)];
    const isDifferent = before < after || before > after;
    return isDifferent ? `${after} bytes after ${before}` : undefined;
  },
);

const SINGLE_SURFACE = operationRule({
  id: "fp32-surface",
  statement: "surfaces that are converted between fp32 and fp16 are fp16 from the start",
  status: "single report",
  evidence: "maderix/ANE README: fp16 surfaces are 37 % faster than fp32 ones with a cast",
  remedy: "Convert on the CPU.",
  ops: ["cast"],
  broken(operation, scope) {
    const [from, to] = [singleType(operation.inputs.x)?.dtype, resultType(operation)?.dtype];
    const widens = from === "fp16" && to === "fp32" && isOutput(operation.outputs[0]!, scope);
    const narrows = from === "fp32" && to === "fp16" && scope.isFunctionInput(operation.inputs.x);
    return widens ? "an fp32 output" : narrows ? "an fp32 input" : undefined;
  },
});

function isOutput({ name }: AnyValue, scope: Scope): boolean {
  return scope.function.outputs.some((output) => output.name === name);
}

/** A rule about neighbours in the list of inputs, and in that of outputs. */
function portsRule(
  text: RuleText,
  broken: (previous: AnyValue, value: AnyValue) => string | undefined,
): Rule {
  return {
    ...text,
    *check({ function: { name, inputs, outputs } }): Generator<Finding> {
      for (const [kind, values] of [
        ["input", inputs],
        ["output", outputs],
      ] as const) {
        for (const [index, value] of values.entries()) {
          const previous = values[index - 1];
          const actual = previous && broken(previous, value);
          if (actual !== undefined) yield { where: `${name}: ${kind} "${value.name}"`, actual };
        }
      }
    },
  };
}

export const SURFACE_RULES: readonly Rule[] = [
  ROW_ALIGNMENT,
  SURFACE_BYTES,
  SPATIAL_ONE,
  SURFACE_DTYPE,
  INT8_SURFACE,
  SURFACE_RANK,
  SURFACE_ORDER,
  SURFACE_SIZES,
  SINGLE_SURFACE,
];
