/**
 * Floating-point numbers as text: C99 hexadecimal out, hexadecimal or decimal in. Reading rounds the exact value of the text
 * once, to nearest, ties to even, into the dtype.
 */
import { DTYPES, type FloatFormat } from "../dtype.js";
import { exponentOf, roundToDType, roundToFormat } from "../float-format.js";
import type { DType } from "../program.js";
import { integerOf, shortHexFloat } from "./number-text.js";

const SUBNORMAL_SCALE = 2 ** 52;
const ZERO = "0".charCodeAt(0);

/** C99 hex, normalised also for subnormals, without trailing zeros: `0x1.5p-17`, `-0x0p+0`, `inf`, `nan`. */
export function formatHexFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const magnitude = Math.abs(value);
  if (magnitude === 0) return `${sign}0x0p+0`;
  if (magnitude === Number.POSITIVE_INFINITY) return `${sign}inf`;
  const isSubnormal = magnitude < 2 ** -1022;
  const scaled = isSubnormal ? magnitude * SUBNORMAL_SCALE : magnitude;
  const exponent = exponentOf(scaled);
  // 52 bits of fraction, as 20 and 32, which integer arithmetic can hold.
  const fractionBits = (scaled * 2 ** -exponent - 1) * 2 ** 20;
  const high = Math.trunc(fractionBits);
  const low = (fractionBits - high) * 2 ** 32;
  let digits = high.toString(16).padStart(5, "0");
  if (low !== 0) digits += low.toString(16).padStart(8, "0");
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === ZERO) end--;
  const fraction = end === 0 ? "" : `.${digits.slice(0, end)}`;
  const power = isSubnormal ? exponent - 52 : exponent;
  return `${sign}0x1${fraction}p${power < 0 ? "" : "+"}${power}`;
}

/** The shortest decimal that is read back as the same value of the dtype: `0.1`, `1e-7`, `-inf`. */
export function formatDecimal(value: number, dtype: DType): string {
  if (Object.is(value, -0)) return "-0";
  if (!Number.isFinite(value)) return formatHexFloat(value);
  for (let digits = 1; digits < 17; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (parseFloatText(text, dtype) === value) return text;
  }
  return String(value);
}

const HEX = /^([-+]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)(?:[pP]([-+]?\d+))?$/;
const DECIMAL = /^([-+]?)(\d*)\.?(\d*)(?:[eE]([-+]?\d+))?$/;

/** Longer numbers are refused: exact reading of one takes time quadratic in its length. Doubles need at most 767 digits. */
export const LONGEST_NUMBER = 1100;

const INFINITY_TEXT = /^[-+]inf$/;
const NAN_TEXT = /^[-+]nan$/;

/**
 * The value of `dtype` nearest to the number at `start..end` of a text, which may be infinite or NaN with a sign; undefined
 * if there is none, or one that is too long.
 */
export function readFloat(
  text: string,
  start: number,
  end: number,
  dtype: DType,
): number | undefined {
  let exact = shortHexFloat(text, start, end);
  if (Number.isNaN(exact)) exact = integerOf(text, start, end);
  if (exact === 0) return text.startsWith("-", start) ? -0 : 0;
  if (!Number.isNaN(exact)) return roundToDType(exact, dtype);
  if (end - start > LONGEST_NUMBER) return undefined;
  const word = text.slice(start, end);
  if (INFINITY_TEXT.test(word)) return word.startsWith("-") ? -Infinity : Infinity;
  return NAN_TEXT.test(word) ? Number.NaN : parseFloatText(word, dtype);
}

/** The value of `dtype` nearest to the text, or undefined if the text is not a number. */
export function parseFloatText(text: string, dtype: DType): number | undefined {
  const format = DTYPES[dtype].format!;
  const hex = HEX.exec(text);
  if (hex !== null) return parseHex(hex, format);
  const decimal = DECIMAL.exec(text);
  if (decimal === null || (decimal[2] === "" && decimal[3] === "")) return undefined;
  const value = Number(text);
  // Rounding the nearest double again goes wrong only if that double lies on a boundary that the text itself does not.
  const step = Math.abs(value) * 2 ** -52;
  const low = roundToFormat(value - step, format);
  const high = roundToFormat(value + step, format);
  if (
    Object.is(low, high) ||
    value === 0 ||
    !Number.isFinite(value) ||
    format.fractionBits === 52
  ) {
    return roundToFormat(value, format);
  }
  return parseDecimal(decimal, format);
}

function parseHex(match: RegExpExecArray, format: FloatFormat): number | undefined {
  const [, sign, whole = "", fraction = "", power = "0"] = match;
  if (whole === "" && fraction === "") return undefined;
  const mantissa = BigInt(`0x${whole}${fraction}`);
  // Beyond these bounds every format overflows or underflows, whatever the digits.
  const exponent = Math.max(-9999, Math.min(9999, Number(power))) - 4 * fraction.length;
  return signed(sign, roundBinary(mantissa, exponent, format));
}

/** mantissa · 10^exponent by exact integers; the quotient carries 64 bits more than any format and a sticky bit. */
function parseDecimal(match: RegExpExecArray, format: FloatFormat): number {
  const [, sign, whole = "", fraction = "", power = "0"] = match;
  const mantissa = BigInt(whole + fraction);
  const exponent = Number(power) - fraction.length;
  if (exponent >= 0)
    return signed(sign, roundBinary(mantissa * 10n ** BigInt(exponent), 0, format));
  const divisor = 10n ** BigInt(-exponent);
  const shift = divisor.toString(2).length + 128;
  const dividend = mantissa << BigInt(shift);
  const quotient = dividend / divisor;
  const sticky = quotient * divisor === dividend ? 0n : 1n;
  return signed(sign, roundBinary((quotient << 1n) | sticky, -shift - 1, format));
}

/** mantissa · 2^exponent rounded to nearest, ties to even; the mantissa is not negative. */
function roundBinary(mantissa: bigint, exponent: number, format: FloatFormat): number {
  if (mantissa === 0n) return 0;
  const { fractionBits, minExponent, overflow } = format;
  const leading = mantissa.toString(2).length - 1 + exponent;
  if (leading > 1100) return overflow;
  const unit = Math.max(leading, minExponent) - fractionBits;
  const shift = unit - exponent;
  if (shift <= 0) return limited(scale(mantissa << BigInt(-shift), unit), format);
  if (shift > mantissa.toString(2).length + 1) return 0;
  const quotient = mantissa >> BigInt(shift);
  const rest = mantissa - (quotient << BigInt(shift));
  const half = 1n << BigInt(shift - 1);
  const isUp = rest > half || (rest === half && (quotient & 1n) === 1n);
  return limited(scale(isUp ? quotient + 1n : quotient, unit), format);
}

function limited(magnitude: number, { maxFinite, overflow }: FloatFormat): number {
  return magnitude > maxFinite ? overflow : magnitude;
}

/** quotient · 2^unit, exact as the result is representable; in two steps, as 2^unit alone may be below float64. */
function scale(quotient: bigint, unit: number): number {
  const half = Math.trunc(unit / 2);
  return Number(quotient) * 2 ** half * 2 ** (unit - half);
}

function signed(sign: string | undefined, magnitude: number): number {
  return sign === "-" ? -magnitude : magnitude;
}
