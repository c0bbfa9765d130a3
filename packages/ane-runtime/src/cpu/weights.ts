/** Finds the elements of a constant in the caller's weight files, without copying them. */
import { type BlobReference, byteSize, readBlob } from "@ane/mil-builder";
import type { WeightFiles } from "../device.js";
import { CompileError } from "../errors.js";
import type { Memory } from "./plan.js";
import { elementCount, formatShape } from "./shape.js";

/**
 * Checks that a weight file has the blob that the program refers to.
 * @param reference of dtype fp16 or fp32
 * @returns the elements, a view of the file where its alignment allows
 * @throws CompileError naming path, offset, expected and actual
 */
export function resolveBlob(
  kernel: string,
  value: string,
  { path, offset, type }: BlobReference,
  weights: WeightFiles,
): Memory {
  const where = `const "${value}": blob "${path}" at offset ${offset}`;
  const file = weights.get(path);
  if (!file) {
    const known = [...weights.keys()].map((name) => `"${name}"`).join(", ") || "none";
    throw new CompileError(
      kernel,
      `${where}: the file must be among the weights, got ${known}. Pass its bytes under that path.`,
    );
  }
  const expected = `${type.dtype} ${formatShape(type.shape)} (${byteSize(type)} bytes)`;
  const blob = readBlobOf(kernel, where, file, offset);
  if (blob.dtype !== type.dtype || blob.length !== elementCount(type.shape)) {
    throw new CompileError(
      kernel,
      `${where}: expected ${expected}, got ${blob.length} elements of ${blob.dtype} ` +
        `(${blob.data.byteLength} bytes). Pass the file that belongs to the program.`,
    );
  }
  // Other dtypes have no buffer: the op that reads them decodes them itself.
  return blob.data as Uint16Array | Float32Array;
}

function readBlobOf(kernel: string, where: string, file: Uint8Array, offset: number) {
  try {
    return readBlob(file, offset);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CompileError(kernel, `${where}: ${reason}`, { cause });
  }
}
