/** Constants that a kernel brings along as blob files (masks, RoPE tables): a function of the configuration only. */
import { writeBlobFile } from "../blob/write-blob-file.js";
import { toHalfArray } from "../half.js";
import type { TensorType } from "../program.js";
import { elementCount, tensor } from "../tensor-type.js";

export interface ConstantBlob {
  /** Path used in the program. */
  readonly path: string;
  readonly type: TensorType;
  /** The complete blob file, its only blob at offset 64; shared, so not to be changed. */
  readonly file: Uint8Array;
}

/** Path by which a program refers to the weight or constant file `name`. */
export function weightPath(name: string): string {
  return `@model_path/weights/${name}.bin`;
}

/** Files that some kernel still holds, by what they are a function of: the layers of a model share their constants. */
const files = new Map<string, WeakRef<Uint8Array>>();

/**
 * A constant, computed in float64 and rounded once to `dtype`.
 * @param elements In row-major order; repeated if they are fewer than the shape has.
 * @param parameters What they depend on besides name and shape: equal constants share one file.
 */
export function constantBlob(
  name: string,
  dtype: "fp16" | "fp32",
  shape: readonly number[],
  elements: () => Float64Array,
  parameters: readonly number[] = [],
): ConstantBlob {
  const key = [name, dtype, ...shape, "of", ...parameters].join(" ");
  let file = files.get(key)?.deref();
  if (file === undefined) {
    file = makeFile(dtype, elementCount(shape), elements());
    files.set(key, new WeakRef(file));
  }
  return { path: weightPath(name), type: tensor(dtype, shape), file };
}

function makeFile(dtype: "fp16" | "fp32", length: number, elements: Float64Array): Uint8Array {
  const rounded = dtype === "fp16" ? toHalfArray(elements) : Float32Array.from(elements);
  const data = dtype === "fp16" ? new Uint16Array(length) : new Float32Array(length);
  for (let start = 0; start < length; start += rounded.length) data.set(rounded, start);
  return writeBlobFile([{ dtype, data }]);
}
