/** IEEE half precision as bits: the storage form of fp16 everywhere (Node 20 has no Float16Array). */
import { DTYPES } from "./dtype.js";
import { exponentOf, roundToFormat } from "./float-format.js";

const FORMAT = DTYPES.fp16.format!;
const SMALLEST_NORMAL = 2 ** -14;
const SUBNORMAL_STEP = 2 ** -24;
const INFINITY_BITS = 0x7c00;
const NAN_BITS = 0x7e00;

/** Bits of the fp16 value nearest to a float64, ties to even, in one rounding; NaN becomes the quiet NaN 0x7e00. */
export function halfFromFloat(value: number): number {
  if (Number.isNaN(value)) return NAN_BITS;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(roundToFormat(value, FORMAT));
  if (magnitude === Number.POSITIVE_INFINITY) return sign | INFINITY_BITS;
  if (magnitude < SMALLEST_NORMAL) return sign | (magnitude / SUBNORMAL_STEP);
  const exponent = exponentOf(magnitude);
  return sign | ((exponent + 15) << 10) | (magnitude * 2 ** (10 - exponent) - 1024);
}

/** The exact value of fp16 bits. */
export function floatFromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * SUBNORMAL_STEP;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** fp16 bits of every element, each rounded once. */
export function toHalfArray(values: ArrayLike<number>): Uint16Array {
  const result = new Uint16Array(values.length);
  for (let i = 0; i < result.length; i++) result[i] = halfFromFloat(values[i]!);
  return result;
}

/** Values of fp16 bits; exact, as fp32 holds every half. */
export function fromHalfArray(bits: ArrayLike<number>): Float32Array {
  const result = new Float32Array(bits.length);
  for (let i = 0; i < result.length; i++) result[i] = floatFromHalf(bits[i]!);
  return result;
}
