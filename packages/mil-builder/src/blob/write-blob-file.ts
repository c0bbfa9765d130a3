/**
 * Writing weight files, byte for byte as Apple's writer does: header, then per blob metadata and data, each on a 64-byte
 * boundary, zeros in between and in all reserved fields, nothing after the last blob.
 * Source: coremltools mlmodel/src/MILBlob/Blob/StorageWriter.cpp.
 */
import { DTYPES } from "../dtype.js";
import { ArgumentError } from "../errors.js";
import type { DType } from "../program.js";
import { arrayKind, type BlobSource, blobCode, capacity } from "./blob.js";
import { ALIGNMENT, align, encodeHeader, encodeMetadata } from "./metadata.js";

/**
 * A weight file of the blobs in order; the first one's offset is 64, `blobOffsets` gives them all. Bits beyond the last
 * element of dtypes below 8 bits are written as zeros.
 * @throws ArgumentError if a dtype cannot be stored or its elements come in the wrong kind of array.
 */
export function writeBlobFile(blobs: readonly BlobSource[]): Uint8Array {
  const codes = blobs.map(checkSource);
  const offsets = blobOffsets(blobs);
  const file = new Uint8Array(endOf(blobs, offsets));
  encodeHeader(file, blobs.length);
  blobs.forEach((blob, index) => {
    const offset = offsets[index]!;
    const { data } = blob;
    const { byteLength } = data;
    const unusedBits = unusedBitsOf(blob);
    encodeMetadata(file, offset, { code: codes[index]!, byteLength, unusedBits });
    file.set(new Uint8Array(data.buffer, data.byteOffset, byteLength), offset + ALIGNMENT);
    if (unusedBits > 0) file[offset + ALIGNMENT + byteLength - 1]! &= 0xff >> unusedBits;
  });
  return file;
}

/** Bytes of a file of one blob before its data. */
export const BLOB_PREFIX_BYTES = 2 * ALIGNMENT;

/**
 * Makes `file` the weight file of one blob whose data is in it already, or will be: everything from BLOB_PREFIX_BYTES on.
 * Equal to `writeBlobFile` of one blob, without its copy.
 * @param dtype of whole bytes
 * @throws ArgumentError if the dtype cannot be stored
 */
export function writeBlobPrefix(file: Uint8Array, dtype: DType): void {
  encodeHeader(file, 1);
  const byteLength = file.length - BLOB_PREFIX_BYTES;
  const code = blobCode(dtype, "blob 0");
  encodeMetadata(file, ALIGNMENT, { code, byteLength, unusedBits: 0 });
}

/** The offset that each blob's metadata gets in `writeBlobFile(blobs)`: what a program's BLOBFILE says. */
export function blobOffsets(blobs: readonly BlobSource[]): readonly number[] {
  let end = ALIGNMENT;
  return blobs.map(({ data }) => {
    const offset = align(end);
    end = offset + ALIGNMENT + data.byteLength;
    return offset;
  });
}

function endOf(blobs: readonly BlobSource[], offsets: readonly number[]): number {
  const last = blobs.at(-1);
  return last === undefined ? ALIGNMENT : offsets.at(-1)! + ALIGNMENT + last.data.byteLength;
}

function unusedBitsOf({ dtype, data, length }: BlobSource): number {
  const elements = length ?? capacity(dtype, data.byteLength);
  return data.byteLength * 8 - elements * DTYPES[dtype].bits;
}

/** @returns the dtype's code */
function checkSource({ dtype, data, length }: BlobSource, index: number): number {
  const code = blobCode(dtype, `blob ${index}`);
  const expected = arrayKind(dtype);
  if (!(data instanceof expected)) {
    throw new ArgumentError(
      `blob ${index}: elements of ${dtype} come as ${expected.name}, got ${Object.prototype.toString.call(data).slice(8, -1)}. Convert them.`,
    );
  }
  const elements = length ?? capacity(dtype, data.byteLength);
  const size = Math.ceil((elements * DTYPES[dtype].bits) / 8);
  if (!Number.isSafeInteger(elements) || elements < 0 || size !== data.byteLength) {
    throw new ArgumentError(
      `blob ${index}: ${elements} elements of ${dtype} take ${size} bytes, got ${data.byteLength}. Correct one of them.`,
    );
  }
  return code;
}
