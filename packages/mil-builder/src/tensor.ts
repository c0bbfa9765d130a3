/** A tensor with its elements, as the interpreter holds it. */
import type { TensorType } from "./program.js";
import { elementCount } from "./tensor-type.js";

/**
 * Elements in row-major order. Every dtype is held in float64: floats exactly (fp16 and fp32 are subsets), integers up to
 * 2^53, booleans as 0 and 1.
 */
export interface Tensor {
  readonly type: TensorType;
  readonly data: Float64Array;
}

/** A tensor of zeros. */
export function zeros(type: TensorType): Tensor {
  return { type, data: new Float64Array(elementCount(type.shape)) };
}
