/**
 * Weight files in MIL's storage format version 2: a 64-byte header, then per blob 64 bytes of metadata and its data, both on
 * 64-byte boundaries. Little-endian. Source: coremltools mlmodel/src/MILBlob/Blob/StorageFormat.hpp, StorageWriter.cpp.
 */
import { DTYPES } from "./dtype.js";
import { ArgumentError, FormatError } from "./errors.js";
import type { DType } from "./program.js";

/** Elements in the array kind of their dtype. */
export type BlobData =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array;

/** A blob to write. */
export interface BlobSource {
  readonly dtype: DType;
  /** Elements (fp16 and bf16 as bits); dtypes below 8 bits packed, the first element in the low bits. */
  readonly data: BlobData;
  /** Number of elements, for dtypes below 8 bits whose last byte is not full. */
  readonly length?: number;
}

/** A blob that was read. */
export interface Blob extends BlobSource {
  readonly length: number;
  /** Byte offset of the metadata: what a program's BLOBFILE refers to. */
  readonly offset: number;
}

const ALIGNMENT = 64;
const VERSION = 2;
const SENTINEL = 0xdeadbeef;

const DTYPE_OF_CODE: ReadonlyMap<number, DType> = new Map(
  (Object.keys(DTYPES) as DType[]).flatMap((dtype) => {
    const code = DTYPES[dtype].blobCode;
    return code === undefined ? [] : [[code, dtype] as const];
  }),
);

/**
 * A weight file of the blobs in order; the first one's offset is 64.
 * @throws ArgumentError if a dtype cannot be stored or its elements come in the wrong kind of array.
 */
export function writeBlobFile(blobs: readonly BlobSource[]): Uint8Array {
  let size = ALIGNMENT;
  const offsets = blobs.map((blob, index) => {
    checkSource(blob, index);
    const offset = align(size);
    size = offset + ALIGNMENT + blob.data.byteLength;
    return offset;
  });
  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  view.setUint32(0, blobs.length, true);
  view.setUint32(4, VERSION, true);
  blobs.forEach(({ dtype, data, length }, index) => {
    const offset = offsets[index]!;
    const { bits, blobCode } = DTYPES[dtype];
    view.setUint32(offset, SENTINEL, true);
    view.setUint32(offset + 4, blobCode!, true);
    view.setBigUint64(offset + 8, BigInt(data.byteLength), true);
    view.setBigUint64(offset + 16, BigInt(offset + ALIGNMENT), true);
    const unusedBits = length === undefined ? 0 : data.byteLength * 8 - length * bits;
    view.setBigUint64(offset + 24, BigInt(unusedBits), true);
    file.set(bytesOf(data), offset + ALIGNMENT);
  });
  return file;
}

/** All blobs of a file. Elements are views of `file` where its alignment allows. @throws FormatError (ERR_BLOB) */
export function readBlobFile(file: Uint8Array): readonly Blob[] {
  const view = viewOf(file);
  if (file.byteLength < ALIGNMENT) {
    throw broken("a blob file begins with a 64-byte header", `${file.byteLength} bytes`, 0);
  }
  const version = view.getUint32(4, true);
  if (version !== VERSION) {
    throw broken(`the storage format version is ${VERSION}`, `${version}`, 4);
  }
  const count = view.getUint32(0, true);
  const blobs: Blob[] = [];
  let end = ALIGNMENT;
  for (let index = 0; index < count; index++) {
    const blob = readBlob(file, align(end));
    blobs.push(blob);
    end = dataOffset(view, blob.offset) + blob.data.byteLength;
  }
  for (let position = end; position < file.byteLength; position++) {
    if (file[position] !== 0 || position >= align(end)) {
      throw broken(`nothing follows the last of ${count} blobs`, "more data", position);
    }
  }
  return blobs;
}

/** The blob whose metadata is at byte `offset`; the rest of the file is not looked at. @throws FormatError (ERR_BLOB) */
export function readBlob(file: Uint8Array, offset: number): Blob {
  const view = viewOf(file);
  if (!Number.isSafeInteger(offset) || offset < ALIGNMENT || offset % ALIGNMENT !== 0) {
    throw broken("metadata begins at a multiple of 64 after the header", `${offset}`, offset);
  }
  if (offset + ALIGNMENT > file.byteLength) {
    throw broken("64 bytes of metadata lie inside the file", `${file.byteLength} bytes`, offset);
  }
  const sentinel = view.getUint32(offset, true);
  if (sentinel !== SENTINEL) {
    throw broken("metadata begins with 0xdeadbeef", `0x${sentinel.toString(16)}`, offset);
  }
  const code = view.getUint32(offset + 4, true);
  const dtype = DTYPE_OF_CODE.get(code);
  if (dtype === undefined) throw broken("the dtype code is known", `${code}`, offset + 4);
  const size = Number(view.getBigUint64(offset + 8, true));
  const start = dataOffset(view, offset);
  if (start < offset + ALIGNMENT || start % ALIGNMENT !== 0) {
    throw broken("data begins at a multiple of 64 after its metadata", `${start}`, offset + 16);
  }
  if (start + size > file.byteLength) {
    const actual = `bytes ${start}..${start + size} of ${file.byteLength}`;
    throw broken("data lies inside the file", actual, offset + 8);
  }
  const unusedBits = Number(view.getBigUint64(offset + 24, true));
  const { bits } = DTYPES[dtype];
  const length = (size * 8 - unusedBits) / bits;
  if (unusedBits >= 8 || (bits >= 8 && unusedBits !== 0) || length < 0 || !fits(length, bits)) {
    throw broken(
      `data holds whole elements of ${dtype}`,
      `${size} bytes, ${unusedBits} bits unused`,
      offset + 8,
    );
  }
  const data = typedView(dtype, file.subarray(start, start + size));
  return { dtype, data, length: Math.floor(length), offset };
}

/** Sub-byte data written without its count of unused bits may hold a fraction of an element more. */
function fits(length: number, bits: number): boolean {
  return bits < 8 || Number.isInteger(length);
}

function checkSource({ dtype, data, length }: BlobSource, index: number): void {
  const { bits, blobCode } = DTYPES[dtype];
  if (blobCode === undefined) {
    throw new ArgumentError(
      `blob ${index}: the storage format has no code for ${dtype}. Write the value into the program instead.`,
    );
  }
  const expected = arrayKind(dtype);
  if (!(data instanceof expected)) {
    throw new ArgumentError(
      `blob ${index}: elements of ${dtype} come as ${expected.name}, got ${Object.prototype.toString.call(data).slice(8, -1)}. Convert them.`,
    );
  }
  if (length !== undefined && Math.ceil((length * bits) / 8) !== data.byteLength) {
    throw new ArgumentError(
      `blob ${index}: ${length} elements of ${dtype} take ${Math.ceil((length * bits) / 8)} bytes, got ${data.byteLength}. Correct one of them.`,
    );
  }
}

type BlobArray =
  | Uint8ArrayConstructor
  | Int8ArrayConstructor
  | Uint16ArrayConstructor
  | Int16ArrayConstructor
  | Uint32ArrayConstructor
  | Int32ArrayConstructor
  | Float32ArrayConstructor;

function arrayKind(dtype: DType): BlobArray {
  const { kind, bits } = DTYPES[dtype];
  if (bits < 8) return Uint8Array;
  if (kind === "float") return bits === 32 ? Float32Array : bits === 16 ? Uint16Array : Uint8Array;
  if (bits === 8) return kind === "signed" ? Int8Array : Uint8Array;
  if (bits === 16) return kind === "signed" ? Int16Array : Uint16Array;
  return kind === "signed" ? Int32Array : Uint32Array;
}

function typedView(dtype: DType, bytes: Uint8Array): BlobData {
  const kind = arrayKind(dtype);
  const aligned = bytes.byteOffset % kind.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  return new kind(
    aligned.buffer as ArrayBuffer,
    aligned.byteOffset,
    aligned.byteLength / kind.BYTES_PER_ELEMENT,
  );
}

function bytesOf(data: BlobData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function viewOf(file: Uint8Array): DataView {
  return new DataView(file.buffer, file.byteOffset, file.byteLength);
}

function dataOffset(view: DataView, metadata: number): number {
  return Number(view.getBigUint64(metadata + 16, true));
}

function align(position: number): number {
  return Math.ceil(position / ALIGNMENT) * ALIGNMENT;
}

function broken(rule: string, actual: string, offset: number): FormatError {
  return new FormatError(
    "ERR_BLOB",
    `blob file at byte ${offset}: ${rule}, got ${actual}. Write it again with writeBlobFile.`,
    { offset },
  );
}
