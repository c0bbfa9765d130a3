/**
 * Compressed weights: constants that the compiler or the runtime expands. Up to iOS17 their parameters are attributes; iOS18
 * has block-wise forms with ordinary arguments. Source: coremltools iOS16 constexpr_ops.py, iOS18 compression.py.
 */
import { unpackBits } from "../blob/pack-bits.js";
import { axisIndex } from "../evaluate/axis-index.js";
import { choice, integer, integers, tensorInput } from "../input-spec.js";
import { defineOp, FLOATS, type InferScope } from "../op-definition.js";
import type { DType, TensorType } from "../program.js";
import { elementCount, formatShape, formatType, shapesAgree, tensor } from "../tensor-type.js";
import {
  constexprBlockwiseShiftScale,
  constexprSparseBlockwiseShiftScale,
} from "./compression-blockwise.js";
import { constexprLutToDenseIos18, constexprLutToSparse } from "./compression-palette.js";
import { constexprSparseToDenseIos18 } from "./compression-sparse.js";
import { positiveAxis } from "./shape-rules.js";

const STORED = ["int8", "uint8", "fp16", "fp32"] as const satisfies readonly DType[];

const constexprAffineDequantize = defineOp({
  type: "constexpr_affine_dequantize",
  summary: "scale · (quantized_data - zero_point), per tensor or along axis",
  since: "ios16",
  types: {
    SrcT: { domain: ["uint8", "int8"] },
    ZeroPointT: { domain: ["uint8", "int8", "fp32"] },
    DstT: { domain: FLOATS },
  },
  inputs: {
    quantized_data: tensorInput("SrcT", true),
    zero_point: tensorInput("ZeroPointT", true),
    scale: tensorInput("DstT", true),
    axis: integer(),
  },
  inAttributes: true,
  infer: ({ quantized_data: { shape }, zero_point, scale, axis }, scope) => {
    const along = positiveAxis("axis", axis, shape.length, scope);
    for (const [name, parameter] of Object.entries({ zero_point, scale })) {
      if (parameter.shape.length === 0 || shapesAgree(parameter.shape, [shape[along]!])) continue;
      const rule = `"${name}" must be a scalar or a vector along dim ${along}`;
      throw scope.error(rule, `[${shape[along]}]`, formatShape(parameter.shape));
    }
    return tensor(scale.dtype, shape);
  },
  evaluate: ({ quantized_data, zero_point, scale, axis }, [out]) => {
    const { shape } = quantized_data.type;
    const scaleAt = axisIndex(shape, axis, scale.data.length);
    const zeroAt = axisIndex(shape, axis, zero_point.data.length);
    for (let i = 0; i < out.data.length; i++) {
      const steps = quantized_data.data[i]! - zero_point.data[zeroAt(i)]!;
      out.data[i] = scale.data[scaleAt(i)]! * steps;
    }
  },
});

/** Both forms of constexpr_cast, which differ in where the parameters are written. */
function constexprCast(since: "ios16" | "ios18") {
  return defineOp({
    type: "constexpr_cast",
    summary: "an fp16 constant as fp32",
    since,
    types: { T: { domain: ["fp16"] } },
    inputs: { source_val: tensorInput("T", true), output_dtype: choice(["fp32"]) },
    ...(since === "ios16" ? { inAttributes: true } : {}),
    infer: ({ source_val }) => tensor("fp32", source_val.shape),
    evaluate: ({ source_val }, [out]) => out.data.set(source_val.data),
  });
}

/** Bits of an index into a table of so many entries; undefined for tables of another size. */
const INDEX_BITS: Readonly<Record<number, number>> = { 2: 1, 4: 2, 16: 4, 64: 6, 256: 8 };

const constexprLutToDense = defineOp({
  type: "constexpr_lut_to_dense",
  summary: "lut[index] for indices packed into bytes, lowest bits first",
  since: "ios16",
  types: { IndicesT: { domain: ["uint8"] }, T: { domain: STORED } },
  inputs: {
    indices: tensorInput("IndicesT", true),
    lut: tensorInput("T", true),
    shape: integers(["uint32"]),
  },
  inAttributes: true,
  infer: ({ indices, lut, shape }, scope) => {
    const bits = lut.shape.length === 1 ? INDEX_BITS[lut.shape[0]!] : undefined;
    if (bits === undefined) {
      const rule = '"lut" must be a vector of 2, 4, 16, 64 or 256 entries';
      throw scope.error(rule, "one of these", formatType(lut));
    }
    checkPacked("indices", indices, elementCount(shape) * bits, scope);
    return tensor(lut.dtype, shape);
  },
  evaluate: ({ indices, lut }, [out]) => {
    const bits = INDEX_BITS[lut.data.length]!;
    const entries = unpackBits(indices.data, bits, out.data.length);
    for (let i = 0; i < out.data.length; i++) out.data[i] = lut.data[entries[i]!]!;
  },
});

const constexprSparseToDense = defineOp({
  type: "constexpr_sparse_to_dense",
  summary: "nonzero_data where the mask has a bit, 0 elsewhere; the bits packed, lowest first",
  since: "ios16",
  types: { T: { domain: STORED }, MaskT: { domain: ["uint8"] } },
  inputs: {
    nonzero_data: tensorInput("T", true),
    mask: tensorInput("MaskT", true),
    shape: integers(["uint32"]),
  },
  inAttributes: true,
  infer: ({ nonzero_data, mask, shape }, scope) => {
    if (nonzero_data.shape.length !== 1) {
      throw scope.error('"nonzero_data" is a vector', "rank 1", formatType(nonzero_data));
    }
    checkPacked("mask", mask, elementCount(shape), scope);
    return tensor(nonzero_data.dtype, shape);
  },
  evaluate: ({ nonzero_data, mask }, [out]) => {
    const bits = unpackBits(mask.data, 1, out.data.length);
    let next = 0;
    for (let i = 0; i < out.data.length; i++) {
      if (bits[i] !== 0) out.data[i] = nonzero_data.data[next++]!;
    }
  },
});

function checkPacked(name: string, packed: TensorType, bits: number, scope: InferScope): void {
  const bytes = Math.ceil(bits / 8);
  if (!shapesAgree(packed.shape, [bytes])) {
    const rule = `"${name}" must hold ${bits} packed bits`;
    throw scope.error(rule, `[${bytes}]`, formatShape(packed.shape));
  }
}

export const COMPRESSION_OPS = {
  constexpr_affine_dequantize: constexprAffineDequantize,
  constexpr_blockwise_shift_scale: constexprBlockwiseShiftScale,
  constexpr_cast: [constexprCast("ios16"), constexprCast("ios18")],
  constexpr_lut_to_dense: [constexprLutToDense, constexprLutToDenseIos18],
  constexpr_lut_to_sparse: constexprLutToSparse,
  constexpr_sparse_blockwise_shift_scale: constexprSparseBlockwiseShiftScale,
  constexpr_sparse_to_dense: [constexprSparseToDense, constexprSparseToDenseIos18],
} as const;
