/**
 * Rounding of a float64 to the nearest value of a narrower format, ties to even, in one step: going through fp32 first
 * would round twice.
 */
import { DTYPES, type FloatFormat } from "./dtype.js";
import type { DType } from "./program.js";

/** 1.5 · 2^52: adding it to a number below 2^51 leaves no room for a fraction, so the sum is rounded to an integer. */
const INTEGER_MAGIC = 1.5 * 2 ** 52;

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
/** Which of a double's two words holds the sign and exponent. */
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;
const BIAS = 1023;

/** floor(log2 |value|) of a normal float64; -1023 for zero and subnormals. */
export function exponentOf(value: number): number {
  double[0] = value;
  return biasedExponent(words[HIGH]!) - BIAS;
}

/** The nearest value of `format`; overflow as the format says (infinity, or NaN where there is none). */
export function roundToFormat(value: number, format: FloatFormat): number {
  if (format.fractionBits === 52) return value;
  double[0] = value;
  return roundBy(magicTable(format)[biasedExponent(words[HIGH]!)]!, value, format);
}

/** The nearest value of a dtype; integers and the like are not changed. */
export function roundToDType(value: number, dtype: DType): number {
  if (dtype === "fp32") return Math.fround(value);
  const { format } = DTYPES[dtype];
  return format === undefined ? value : roundToFormat(value, format);
}

/** Rounds every element to a dtype, in place. */
export function roundArray(data: Float64Array, dtype: DType): void {
  if (dtype === "fp32") {
    for (let i = 0; i < data.length; i++) data[i] = Math.fround(data[i]!);
    return;
  }
  const { format } = DTYPES[dtype];
  if (format === undefined || format.fractionBits === 52) return;
  const magic = magicTable(format);
  const bits = new Uint32Array(data.buffer, data.byteOffset, 2 * data.length);
  for (let i = 0; i < data.length; i++) {
    data[i] = roundBy(magic[biasedExponent(bits[2 * i + HIGH]!)]!, data[i]!, format);
  }
}

function biasedExponent(high: number): number {
  return (high >>> 20) & 0x7ff;
}

/** Adding and subtracting `magic` rounds to its unit; multiplying by 0 keeps the sign of what became zero. */
function roundBy(magic: number, value: number, format: FloatFormat): number {
  const rounded = value + magic - magic;
  if (rounded === 0) return value * 0;
  if (Math.abs(rounded) <= format.maxFinite || Number.isNaN(value)) return rounded;
  return value < 0 ? -format.overflow : format.overflow;
}

const tables = new Map<FloatFormat, Float64Array>();

/** By biased exponent of a double, the number to add; 0 where doubles are beyond the format anyway. */
function magicTable(format: FloatFormat): Float64Array {
  let table = tables.get(format);
  if (table === undefined) {
    const { minExponent, fractionBits, maxFinite } = format;
    table = Float64Array.from({ length: 2048 }, (_, biased) => {
      const exponent = Math.max(biased - BIAS, minExponent);
      return 2 ** exponent > maxFinite ? 0 : INTEGER_MAGIC * 2 ** (exponent - fractionBits);
    });
    tables.set(format, table);
  }
  return table;
}
