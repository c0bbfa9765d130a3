/**
 * Facts about every MIL dtype: width, kind, integer range, floating-point format, and its code in a blob file.
 * Codes: coremltools mlmodel/src/MILBlob/Blob/BlobDataType.hpp.
 */
import type { DType } from "./program.js";

export interface FloatFormat {
  /** Bits of fraction, without the implicit one. */
  readonly fractionBits: number;
  /** Exponent of the smallest normal number. */
  readonly minExponent: number;
  readonly maxFinite: number;
  /** What a finite number beyond `maxFinite` rounds to. */
  readonly overflow: number;
}

export interface DTypeInfo {
  readonly kind: "float" | "signed" | "unsigned" | "bool" | "string";
  /** Bits per element in a blob; 0 for strings. */
  readonly bits: number;
  readonly format?: FloatFormat;
  /** Absent: the dtype cannot be stored in a blob file. */
  readonly blobCode?: number;
}

const INF = Number.POSITIVE_INFINITY;

function float(bits: number, format: FloatFormat, blobCode?: number): DTypeInfo {
  return { kind: "float", bits, format, ...(blobCode === undefined ? {} : { blobCode }) };
}

function integer(kind: "signed" | "unsigned", bits: number, blobCode?: number): DTypeInfo {
  return { kind, bits, ...(blobCode === undefined ? {} : { blobCode }) };
}

export const DTYPES: Readonly<Record<DType, DTypeInfo>> = {
  fp16: float(16, { fractionBits: 10, minExponent: -14, maxFinite: 65504, overflow: INF }, 1),
  fp32: float(
    32,
    { fractionBits: 23, minExponent: -126, maxFinite: (2 - 2 ** -23) * 2 ** 127, overflow: INF },
    2,
  ),
  fp64: float(64, {
    fractionBits: 52,
    minExponent: -1022,
    maxFinite: Number.MAX_VALUE,
    overflow: INF,
  }),
  bf16: float(
    16,
    { fractionBits: 7, minExponent: -126, maxFinite: (2 - 2 ** -7) * 2 ** 127, overflow: INF },
    5,
  ),
  // The fn variant has no infinity (OCP 8-bit floating point specification, section 5).
  fp8e4m3fn: float(
    8,
    { fractionBits: 3, minExponent: -6, maxFinite: 448, overflow: Number.NaN },
    16,
  ),
  fp8e5m2: float(8, { fractionBits: 2, minExponent: -14, maxFinite: 57344, overflow: INF }, 17),
  int4: integer("signed", 4, 8),
  int8: integer("signed", 8, 4),
  int16: integer("signed", 16, 6),
  int32: integer("signed", 32, 14),
  int64: integer("signed", 64),
  uint1: integer("unsigned", 1, 9),
  uint2: integer("unsigned", 2, 10),
  uint3: integer("unsigned", 3, 12),
  uint4: integer("unsigned", 4, 11),
  uint6: integer("unsigned", 6, 13),
  uint8: integer("unsigned", 8, 3),
  uint16: integer("unsigned", 16, 7),
  uint32: integer("unsigned", 32, 15),
  uint64: integer("unsigned", 64),
  bool: { kind: "bool", bits: 8 },
  string: { kind: "string", bits: 0 },
};

export function isDType(name: string): name is DType {
  return Object.hasOwn(DTYPES, name);
}

export function isFloat(dtype: DType): boolean {
  return DTYPES[dtype].kind === "float";
}

export function isInteger(dtype: DType): boolean {
  const { kind } = DTYPES[dtype];
  return kind === "signed" || kind === "unsigned";
}

/** True for integers whose values need bigint in a literal: uint32 and all of 64 bits. */
export function isWideInteger(dtype: DType): boolean {
  return dtype === "uint32" || (DTYPES[dtype].bits === 64 && isInteger(dtype));
}

/** Smallest and largest value of an integer dtype. */
export function integerRange(dtype: DType): { readonly min: bigint; readonly max: bigint } {
  const { kind, bits } = DTYPES[dtype];
  return kind === "signed"
    ? { min: -(1n << BigInt(bits - 1)), max: (1n << BigInt(bits - 1)) - 1n }
    : { min: 0n, max: (1n << BigInt(bits)) - 1n };
}
