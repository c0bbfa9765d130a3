/** Block-wise affine quantization of constants, dense and sparse. Source: coremltools iOS18 compression.py. */
import { BlockIndex } from "../evaluate/block-index.js";
import { absent, tensorInput } from "../input-spec.js";
import { defineOp, FLOATS, type InferScope } from "../op-definition.js";
import type { DType, TensorType } from "../program.js";
import type { Tensor } from "../tensor.js";
import { formatShape, sameShape, tensor } from "../tensor-type.js";
import { checkMask, MASK, QUANTIZED } from "./compression-sparse.js";

const TYPES = {
  SrcT: { domain: QUANTIZED },
  DstT: { domain: FLOATS },
  OffsetT: { domain: QUANTIZED },
} as const;

/** Dims of scale divide those of the data: each block of data has one scale and offset. */
function checkBlocks(
  shape: readonly number[],
  dtype: DType,
  scale: TensorType,
  offset: TensorType | undefined,
  scope: InferScope,
): void {
  const divides =
    scale.shape.length === shape.length &&
    shape.length > 0 &&
    shape.every((dim, axis) => dim % scale.shape[axis]! === 0);
  if (!divides) {
    const rule = '"scale" must have the rank of the data, and dims that divide its dims';
    throw scope.error(rule, `divisors of ${formatShape(shape)}`, formatShape(scale.shape));
  }
  if (offset === undefined) return;
  if (!sameShape(offset.shape, scale.shape)) {
    const rule = '"offset" must have the shape of "scale"';
    throw scope.error(rule, formatShape(scale.shape), formatShape(offset.shape));
  }
  if (offset.dtype !== dtype && offset.dtype !== "fp16" && offset.dtype !== "fp32") {
    throw scope.error('"offset" must have the dtype of the data or a float', dtype, offset.dtype);
  }
}

function dequantized(x: number, scale: Tensor, offset: Tensor | undefined, block: number): number {
  return scale.data[block]! * (x - (offset?.data[block] ?? 0));
}

export const constexprBlockwiseShiftScale = defineOp({
  type: "constexpr_blockwise_shift_scale",
  summary: "scale · (data - offset), one scale and offset per block",
  since: "ios18",
  types: TYPES,
  inputs: {
    data: tensorInput("SrcT", true),
    scale: tensorInput("DstT", true),
    offset: absent(tensorInput("OffsetT", true), "0s"),
  },
  infer: ({ data, scale, offset }, scope) => {
    checkBlocks(data.shape, data.dtype, scale, offset, scope);
    return tensor(scale.dtype, data.shape);
  },
  evaluate: ({ data, scale, offset }, [out]) => {
    const blocks = new BlockIndex(data.type.shape, scale.type.shape);
    for (let i = 0; i < out.data.length; i++) {
      out.data[i] = dequantized(data.data[i]!, scale, offset, blocks.at(i));
    }
  },
});

export const constexprSparseBlockwiseShiftScale = defineOp({
  type: "constexpr_sparse_blockwise_shift_scale",
  summary: "scale · (data - offset) of the elements that the mask names, and the mask",
  since: "ios18",
  types: { ...TYPES, MaskT: MASK },
  inputs: {
    data_mask: tensorInput("MaskT", true),
    nonzero_data: tensorInput("SrcT", true),
    scale: tensorInput("DstT", true),
    offset: absent(tensorInput("OffsetT", true), "0s"),
  },
  results: ["mask", "nonzero_data"],
  infer: ({ data_mask, nonzero_data, scale, offset }, scope): readonly TensorType[] => {
    checkMask("data_mask", nonzero_data, scope);
    checkBlocks(data_mask.shape, nonzero_data.dtype, scale, offset, scope);
    return [data_mask, tensor(scale.dtype, nonzero_data.shape)];
  },
  evaluate: ({ data_mask, nonzero_data, scale, offset }, [mask, out]) => {
    mask.data.set(data_mask.data);
    const blocks = new BlockIndex(data_mask.type.shape, scale.type.shape);
    let next = 0;
    for (let i = 0; i < mask.data.length; i++) {
      if (mask.data[i] === 0) continue;
      out!.data[next] = dequantized(nonzero_data.data[next]!, scale, offset, blocks.at(i));
      next++;
    }
  },
});
