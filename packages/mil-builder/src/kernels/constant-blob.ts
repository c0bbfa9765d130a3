/** Constants that a kernel brings along as blob files (masks, RoPE tables): a function of the configuration only. */
import { writeBlobFile } from "../blob/write-blob-file.js";
import { toHalfArray } from "../half.js";
import type { TensorType } from "../program.js";
import { elementCount, tensor } from "../tensor-type.js";

export interface ConstantBlob {
  /** Path used in the program. */
  readonly path: string;
  readonly type: TensorType;
  /** The complete blob file, its only blob at offset 64. */
  readonly file: Uint8Array;
}

/** Path by which a program refers to the weight or constant file `name`. */
export function weightPath(name: string): string {
  return `@model_path/weights/${name}.bin`;
}

/**
 * A constant whose element at row-major `index` is `element(index)`, computed in float64 and rounded once to `dtype`.
 */
export function constantBlob(
  name: string,
  dtype: "fp16" | "fp32",
  shape: readonly number[],
  element: (index: number) => number,
): ConstantBlob {
  const elements = Array.from({ length: elementCount(shape) }, (_, index) => element(index));
  const data = dtype === "fp16" ? toHalfArray(elements) : Float32Array.from(elements);
  return {
    path: weightPath(name),
    type: tensor(dtype, shape),
    file: writeBlobFile([{ dtype, data }]),
  };
}
