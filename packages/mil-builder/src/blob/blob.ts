/** Blobs: what a weight file holds, one tensor's elements each. */
import { DTYPES } from "../dtype.js";
import { ArgumentError } from "../errors.js";
import type { DType } from "../program.js";

/** Elements in the array kind of their dtype; floats narrower than fp32 as bits, dtypes below 8 bits packed. */
export type BlobData =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array;

/** A blob to write. `encodeBlob` makes one from numbers. */
export interface BlobSource {
  readonly dtype: DType;
  /** Elements (fp16, bf16 and fp8 as bits); dtypes below 8 bits packed, the first element in the low bits. */
  readonly data: BlobData;
  /** Number of elements, for dtypes below 8 bits whose last byte is not full. Default: as many as fit. */
  readonly length?: number;
}

/** A blob of a file. */
export interface Blob extends BlobSource {
  readonly length: number;
  /** Byte offset of the metadata: what a program's BLOBFILE refers to. */
  readonly offset: number;
  /** Byte offset and size of the elements. */
  readonly dataOffset: number;
  readonly byteLength: number;
  /** Read when asked for, each time; a view of the file where that is in memory and aligned. */
  readonly data: BlobData;
}

type BlobArray =
  | Uint8ArrayConstructor
  | Int8ArrayConstructor
  | Uint16ArrayConstructor
  | Int16ArrayConstructor
  | Uint32ArrayConstructor
  | Int32ArrayConstructor
  | Float32ArrayConstructor;

/** The array kind of a dtype that a blob file can hold. */
export function arrayKind(dtype: DType): BlobArray {
  const { kind, bits } = DTYPES[dtype];
  if (bits < 8) return Uint8Array;
  if (kind === "float") return bits === 32 ? Float32Array : bits === 16 ? Uint16Array : Uint8Array;
  if (bits === 8) return kind === "signed" ? Int8Array : Uint8Array;
  if (bits === 16) return kind === "signed" ? Int16Array : Uint16Array;
  return kind === "signed" ? Int32Array : Uint32Array;
}

/** The dtype's code in a blob file. @throws ArgumentError if it has none. */
export function blobCode(dtype: DType, where: string): number {
  const code = DTYPES[dtype].blobCode;
  if (code === undefined) {
    throw new ArgumentError(
      `${where}: the storage format has no code for ${dtype}. Write the value into the program instead.`,
    );
  }
  return code;
}

/** Elements of packed or whole-byte data: as many as fit. */
export function capacity(dtype: DType, byteLength: number): number {
  return Math.floor((byteLength * 8) / DTYPES[dtype].bits);
}
