/** Sparse constants of iOS18: a mask of one bit per element, and the elements that it names in row-major order. */
import { tensorInput } from "../input-spec.js";
import { defineOp, type InferScope } from "../op-definition.js";
import type { DType, TensorType } from "../program.js";
import { dimsAgree, formatType, tensor } from "../tensor-type.js";

export const MASK = { domain: ["uint1"] } as const;

export const QUANTIZED = [
  "int4",
  "uint4",
  "int8",
  "uint8",
  "fp16",
  "fp32",
] as const satisfies readonly DType[];

/** Throws unless the nonzero elements are a vector, with as many entries as the mask (if it is written out) has ones. */
export function checkMask(mask: string, nonzero: TensorType, scope: InferScope): void {
  if (nonzero.shape.length !== 1) {
    throw scope.error("the nonzero elements are a vector", "rank 1", formatType(nonzero));
  }
  const ones = scope.elementsOf(mask)?.reduce((sum, bit) => sum + bit, 0);
  if (ones !== undefined && !dimsAgree(ones, nonzero.shape[0]!)) {
    const rule = `there is one nonzero element per one in "${mask}"`;
    throw scope.error(rule, `${ones}`, `${nonzero.shape[0]}`);
  }
}

export const constexprSparseToDenseIos18 = defineOp({
  type: "constexpr_sparse_to_dense",
  summary: "nonzero_data where the mask is 1, 0 elsewhere",
  since: "ios18",
  types: { T: { domain: QUANTIZED }, MaskT: MASK },
  inputs: { nonzero_data: tensorInput("T", true), mask: tensorInput("MaskT", true) },
  infer: ({ nonzero_data, mask }, scope) => {
    checkMask("mask", nonzero_data, scope);
    return tensor(nonzero_data.dtype, mask.shape);
  },
  evaluate: ({ nonzero_data, mask }, [out]) => {
    let next = 0;
    for (let i = 0; i < out.data.length; i++) {
      if (mask.data[i] !== 0) out.data[i] = nonzero_data.data[next++]!;
    }
  },
});
