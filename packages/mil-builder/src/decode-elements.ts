/** Elements of constants as float64, whatever their stored form. */
import type { Blob } from "./blob.js";
import { DTYPES, type FloatFormat } from "./dtype.js";
import { floatFromHalf } from "./half.js";
import type { LiteralElements } from "./program.js";

/** Elements of a blob in order. */
export function decodeBlob({ dtype, data, length }: Blob, count: number): Float64Array {
  const { bits, kind, format } = DTYPES[dtype];
  const result = new Float64Array(Math.min(count, length));
  if (dtype === "fp16") {
    for (let i = 0; i < result.length; i++) result[i] = floatFromHalf(data[i]!);
  } else if (format !== undefined && bits < 32) {
    for (let i = 0; i < result.length; i++) result[i] = floatFromBits(data[i]!, bits, format);
  } else if (bits < 8) {
    const sign = kind === "signed" ? 2 ** (bits - 1) : 0;
    for (let i = 0; i < result.length; i++) {
      const packed = packedBits(data, i * bits, bits);
      result[i] = sign !== 0 && packed >= sign ? packed - 2 * sign : packed;
    }
  } else {
    for (let i = 0; i < result.length; i++) result[i] = data[i]!;
  }
  return result;
}

/** `bits` bits from `position` of a little-endian bit stream; uint3 and uint6 straddle bytes. */
function packedBits(data: ArrayLike<number>, position: number, bits: number): number {
  const byte = position >>> 3;
  const pair = data[byte]! | ((data[byte + 1] ?? 0) << 8);
  return (pair >>> (position & 7)) & ((1 << bits) - 1);
}

/** Value of sign, exponent and fraction bits; the largest exponent is infinity and NaN if the format has infinity. */
function floatFromBits(word: number, bits: number, format: FloatFormat): number {
  const { fractionBits, minExponent } = format;
  const sign = word >>> (bits - 1) ? -1 : 1;
  const exponent = (word >>> fractionBits) & ((1 << (bits - 1 - fractionBits)) - 1);
  const fraction = word & ((1 << fractionBits) - 1);
  const step = 2 ** (minExponent - fractionBits);
  if (exponent === 0) return sign * fraction * step;
  const value = sign * (2 ** fractionBits + fraction) * step * 2 ** (exponent - 1);
  if (Math.abs(value) <= format.maxFinite) return value;
  return fraction === 0 ? sign * format.overflow : Number.NaN;
}

/** Elements of a literal that is not of strings: booleans as 0 and 1, wide integers to 53 bits. */
export function decodeLiteral(elements: LiteralElements): Float64Array {
  return elements instanceof Float64Array
    ? elements
    : Float64Array.from(elements as ArrayLike<number>, Number);
}
