/**
 * The two structures of the storage format, version 2, both of 64 bytes and little-endian.
 * Header: u32 count, u32 version, 56 bytes reserved. Metadata: u32 sentinel, u32 dtype code, u64 byte size of the data, u64 its
 * offset in the file, u64 unused bits in its last byte, 32 bytes reserved.
 * Source: coremltools mlmodel/src/MILBlob/Blob/StorageFormat.hpp.
 */
import { DTYPES } from "../dtype.js";
import type { DType } from "../program.js";

/** Size of both structures, and what metadata and data are aligned to. */
export const ALIGNMENT = 64;
export const VERSION = 2;
export const SENTINEL = 0xdeadbeef;

export interface Header {
  readonly count: number;
  readonly version: number;
  /** True if all reserved bytes are 0. */
  readonly clean: boolean;
}

export interface Metadata {
  readonly sentinel: number;
  readonly code: number;
  readonly byteLength: number;
  readonly dataOffset: number;
  readonly unusedBits: number;
  /** True if all reserved bytes are 0. */
  readonly clean: boolean;
}

/** Positions of the fields within the metadata. */
export const FIELD = { code: 4, byteLength: 8, dataOffset: 16, unusedBits: 24, reserved: 32 };

export function decodeHeader(bytes: Uint8Array): Header {
  const view = viewOf(bytes);
  return {
    count: view.getUint32(0, true),
    version: view.getUint32(4, true),
    clean: zero(bytes, 8),
  };
}

/** Numbers beyond 2^53 lose their low bits; no file is that long. */
export function decodeMetadata(bytes: Uint8Array): Metadata {
  const view = viewOf(bytes);
  return {
    sentinel: view.getUint32(0, true),
    code: view.getUint32(FIELD.code, true),
    byteLength: Number(view.getBigUint64(FIELD.byteLength, true)),
    dataOffset: Number(view.getBigUint64(FIELD.dataOffset, true)),
    unusedBits: Number(view.getBigUint64(FIELD.unusedBits, true)),
    clean: zero(bytes, FIELD.reserved),
  };
}

/** Writes a header at the start of `file`. */
export function encodeHeader(file: Uint8Array, count: number): void {
  const view = viewOf(file);
  view.setUint32(0, count, true);
  view.setUint32(4, VERSION, true);
}

/** Writes metadata at `offset` of `file`, for data that follows at once. */
export function encodeMetadata(
  file: Uint8Array,
  offset: number,
  { code, byteLength, unusedBits }: Pick<Metadata, "code" | "byteLength" | "unusedBits">,
): void {
  const view = viewOf(file);
  view.setUint32(offset, SENTINEL, true);
  view.setUint32(offset + FIELD.code, code, true);
  view.setBigUint64(offset + FIELD.byteLength, BigInt(byteLength), true);
  view.setBigUint64(offset + FIELD.dataOffset, BigInt(offset + ALIGNMENT), true);
  view.setBigUint64(offset + FIELD.unusedBits, BigInt(unusedBits), true);
}

const DTYPE_OF_CODE: ReadonlyMap<number, DType> = new Map(
  (Object.keys(DTYPES) as DType[]).flatMap((dtype) => {
    const code = DTYPES[dtype].blobCode;
    return code === undefined ? [] : [[code, dtype] as const];
  }),
);

export function dtypeOfCode(code: number): DType | undefined {
  return DTYPE_OF_CODE.get(code);
}

export function align(position: number): number {
  return Math.ceil(position / ALIGNMENT) * ALIGNMENT;
}

export function zero(bytes: Uint8Array, from = 0): boolean {
  for (let i = from; i < bytes.byteLength; i++) if (bytes[i] !== 0) return false;
  return true;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
