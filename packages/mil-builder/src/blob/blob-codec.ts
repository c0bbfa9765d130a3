/** Between numbers and the stored form of a dtype's elements. */
import { DTYPES, integerRange } from "../dtype.js";
import { ArgumentError } from "../errors.js";
import { floatFromHalf, toHalfArray } from "../half.js";
import type { DType } from "../program.js";
import { arrayKind, type BlobData, type BlobSource, blobCode, capacity } from "./blob.js";
import { bitsFromFloat, floatFromBits } from "./float-bits.js";
import { packBits, unpackBits } from "./pack-bits.js";

/**
 * A blob of numbers. Floats are rounded to the nearest value of the dtype, ties to even; beyond its range they become infinite
 * (NaN in fp8e4m3fn, which has no infinity).
 * @throws ArgumentError if a blob file cannot hold the dtype, or if one of its integers is not one of the dtype's.
 */
export function encodeBlob(dtype: DType, values: ArrayLike<number>): Required<BlobSource> {
  blobCode(dtype, "encodeBlob");
  const { bits, kind, format } = DTYPES[dtype];
  if (kind !== "float") checkIntegers(dtype, values);
  const { length } = values;
  return { dtype, data: encodeElements(), length };

  function encodeElements(): BlobData {
    if (dtype === "fp16") return toHalfArray(values);
    if (bits < 8) return packBits(values, bits);
    const data = new (arrayKind(dtype))(length);
    if (format === undefined || bits === 32) data.set(values);
    else for (let i = 0; i < length; i++) data[i] = bitsFromFloat(values[i]!, bits, format);
    return data;
  }
}

/** The elements of a blob, or the first `count` of them; every dtype of a blob file fits into float64 exactly. */
export function decodeBlob(
  { dtype, data, length = capacity(dtype, data.byteLength) }: BlobSource,
  count = length,
): Float64Array {
  const { bits, kind, format } = DTYPES[dtype];
  const result = new Float64Array(Math.min(count, length));
  if (dtype === "fp16") {
    for (let i = 0; i < result.length; i++) result[i] = floatFromHalf(data[i]!);
  } else if (format !== undefined && bits < 32) {
    for (let i = 0; i < result.length; i++) result[i] = floatFromBits(data[i]!, bits, format);
  } else if (bits < 8) {
    result.set(unpackBits(data, bits, result.length));
    if (kind === "signed") signExtend(result, bits);
  } else {
    result.set(result.length === data.length ? data : data.subarray(0, result.length));
  }
  return result;
}

function signExtend(values: Float64Array, bits: number): void {
  const limit = 2 ** (bits - 1);
  for (let i = 0; i < values.length; i++) if (values[i]! >= limit) values[i]! -= 2 * limit;
}

function checkIntegers(dtype: DType, values: ArrayLike<number>): void {
  const range = integerRange(dtype);
  const min = Number(range.min);
  const max = Number(range.max);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new ArgumentError(
        `encodeBlob: elements of ${dtype} are integers in ${min}..${max}, got ${value} at index ${i}. Use a wider dtype.`,
      );
    }
  }
}
