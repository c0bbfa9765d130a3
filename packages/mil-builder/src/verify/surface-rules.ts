/** Rules about tensors as the engine stores them: surfaces, ranks, extents, weight files. */
import { DTYPES } from "../dtype.js";
import type { TensorType } from "../program.js";
import { formatShape, formatType } from "../tensor-type.js";
import { operationRule, type Rule, surfaceRule } from "./rule.js";
import { isCompileTime } from "./scope.js";

const ROW_BYTES = 64;
const MAX_RANK = 5;
const MAX_EXTENT = 65536;
const MAX_CHANNELS = 16384;
const MAX_WIDTH_BEFORE_M3 = 16384;
const MAX_OFFSET_BEFORE_M3 = 4094;

const ROW_ALIGNMENT = surfaceRule({
  id: "row-alignment",
  statement: "a row of a surface fills whole 64-byte lines",
  status: "agreed",
  evidence:
    "field-guide (spatial extents of 32), libane (S multiple of 32), rustane (fp32 width multiple of 16); " +
    "modelAttributes give RowStride 64 for 8-byte rows",
  remedy: "Pad the last axis to a multiple of 32 elements in fp16, 16 in fp32.",
  broken(type) {
    const bytes = ((type.shape.at(-1) ?? 1) * DTYPES[type.dtype].bits) / 8;
    return bytes % ROW_BYTES === 0 ? undefined : `${bytes} bytes (${formatType(type)})`;
  },
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

const SURFACE_RANK = surfaceRule({
  id: "surface-rank",
  statement: "inputs and outputs have rank 4, [N, C, H, W]",
  status: "single report",
  evidence: "imperatormk: rank-3 tensors are rejected on M1",
  remedy: "Reshape to [1, C, 1, W].",
  chips: ["m1"],
  broken: ({ shape }) => (shape.length === 4 ? undefined : formatShape(shape)),
});

const RANK = tensorRule({
  id: "rank",
  statement: `tensors have rank ${MAX_RANK} at most`,
  status: "agreed",
  evidence: "ANEForge; Core ML tensors",
  remedy: "Merge axes.",
  broken: ({ shape }) => (shape.length <= MAX_RANK ? undefined : formatShape(shape)),
});

const EXTENT = tensorRule({
  id: "extent",
  statement: `every axis has ${MAX_EXTENT} elements at most`,
  status: "agreed",
  evidence: "ANEForge, 751K",
  remedy: "Split the tensor.",
  broken: ({ shape }) => (Math.max(...shape, 0) <= MAX_EXTENT ? undefined : formatShape(shape)),
});

const CHANNELS = tensorRule({
  id: "channels",
  statement: `computed tensors have ${MAX_CHANNELS} channels at most`,
  status: "single report",
  evidence: "libane; maderix/ANE pull request 26 splits its LM head into 16 chunks",
  remedy: "Split the channel axis.",
  broken: ({ shape }) =>
    shape.length !== 4 || shape[1]! <= MAX_CHANNELS ? undefined : formatShape(shape),
});

const WIDTH = tensorRule({
  id: "width",
  statement: `the last axis has ${MAX_WIDTH_BEFORE_M3} elements at most`,
  status: "agreed",
  evidence: "ANEForge, 751K: spatial extents up to A15",
  remedy: "Split the width.",
  chips: ["m1", "m2"],
  broken: ({ shape }) =>
    (shape.at(-1) ?? 1) <= MAX_WIDTH_BEFORE_M3 ? undefined : formatShape(shape),
});

const SLICE_OFFSET = operationRule({
  id: "width-offset",
  statement: `slices start at column ${MAX_OFFSET_BEFORE_M3} at most`,
  status: "single report",
  evidence: "ANEForge: a larger width offset gives infinities before A16",
  remedy: "Put the tensors on the channel axis.",
  chips: ["m1", "m2"],
  ops: ["slice_by_size", "slice_by_index"],
  broken({ inputs }, scope) {
    const offset = scope.numbers(inputs.begin)?.at(-1) ?? 0;
    return offset <= MAX_OFFSET_BEFORE_M3 ? undefined : `${offset}`;
  },
});

const WEIGHT_FILE = operationRule({
  id: "weight-file",
  statement: 'weights lie at "@model_path/…", at a positive offset that is a multiple of 64',
  status: "language",
  evidence:
    "coremltools MILBlob StorageFormat.hpp; Orion #8: a wrong offset gives garbage silently",
  remedy: "Give the offset of the blob's metadata; it is 64 for the first blob of a file.",
  ops: ["const"],
  broken({ attributes: { val } }) {
    if (val?.kind !== "blob") return undefined;
    const { path, offset } = val;
    const isRight = path.startsWith("@model_path/") && offset > 0 && offset % 64 === 0;
    return isRight ? undefined : `"${path}" at ${offset}`;
  },
});

/** A rule about every tensor that the function takes or computes. */
function tensorRule({
  broken,
  ...text
}: Omit<Rule, "check"> & { broken: (type: TensorType) => string | undefined }): Rule {
  return {
    ...text,
    *check(scope) {
      for (const { name, type } of scope.function.inputs) {
        const actual = broken(type);
        if (actual !== undefined)
          yield { where: `${scope.function.name}: input "${name}"`, actual };
      }
      for (const operation of scope.function.operations) {
        if (isCompileTime(operation)) continue;
        for (const { type } of operation.outputs) {
          const actual = broken(type);
          if (actual !== undefined) yield { where: scope.whereIs(operation), actual };
        }
      }
    },
  };
}

export const SURFACE_RULES: readonly Rule[] = [
  ROW_ALIGNMENT,
  SURFACE_DTYPE,
  SURFACE_RANK,
  RANK,
  EXTENT,
  CHANNELS,
  WIDTH,
  SLICE_OFFSET,
  WEIGHT_FILE,
];
