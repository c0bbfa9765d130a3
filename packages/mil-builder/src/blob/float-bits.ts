/** Bits of floats of 8 and 16 bits, sign, exponent, fraction from the top: fp16, bf16, fp8e4m3fn, fp8e5m2. */
import type { FloatFormat } from "../dtype.js";
import { exponentOf, roundToFormat } from "../float-format.js";

/** Bits of the nearest value, ties to even, in one rounding; overflow and NaN as the format has them. */
export function bitsFromFloat(value: number, bits: number, format: FloatFormat): number {
  const { fractionBits, minExponent } = format;
  const sign = value < 0 || Object.is(value, -0) ? 1 << (bits - 1) : 0;
  const rounded = Math.abs(roundToFormat(value, format));
  if (Number.isNaN(rounded)) return sign | nanBits(bits, format);
  if (rounded === Number.POSITIVE_INFINITY) return sign | topExponent(bits, format);
  if (rounded < 2 ** minExponent) return sign | (rounded / 2 ** (minExponent - fractionBits));
  const exponent = exponentOf(rounded);
  const fraction = rounded / 2 ** (exponent - fractionBits) - 2 ** fractionBits;
  return sign | ((exponent - minExponent + 1) << fractionBits) | fraction;
}

/** The exact value of the bits. */
export function floatFromBits(word: number, bits: number, format: FloatFormat): number {
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

/** Formats without infinity have one NaN, all ones; the others a quiet one. */
function nanBits(bits: number, format: FloatFormat): number {
  const { fractionBits, overflow } = format;
  if (Number.isNaN(overflow)) return (1 << (bits - 1)) - 1;
  return topExponent(bits, format) | (1 << (fractionBits - 1));
}

function topExponent(bits: number, { fractionBits }: FloatFormat): number {
  return ((1 << (bits - 1 - fractionBits)) - 1) << fractionBits;
}
