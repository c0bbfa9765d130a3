/** IEEE half precision as bits: the storage form of fp16 everywhere (Node 20 has no Float16Array). */
import { DTYPES } from "./dtype.js";
import { roundToFormat } from "./float-format.js";

const FORMAT = DTYPES.fp16.format!;
const SUBNORMAL_STEP = 2 ** -24;
const INFINITY_BITS = 0x7c00;
const NAN_BITS = 0x7e00;

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
/** Which of a double's two words holds the sign, the exponent and the upper 20 bits of the fraction. */
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

/** Bits of the fp16 value nearest to a float64, ties to even, in one rounding; NaN becomes the quiet NaN 0x7e00. */
export function halfFromFloat(value: number): number {
  double[0] = value;
  const high = words[HIGH]!;
  const sign = (high >>> 16) & 0x8000;
  const exponent = ((high >>> 20) & 0x7ff) - 1023;
  if (exponent === -1023) return sign; // 0, or far below the smallest half
  if (exponent < -14 || exponent > 15) return unusualHalf(value);
  // 10 bits of the fraction stay; a carry out of them goes on into the exponent, and from the largest one to infinity.
  const kept = ((exponent + 15) << 10) | ((high >>> 10) & 0x3ff);
  const rest = high & 0x3ff;
  const isAbove = rest > 0x200 || (rest === 0x200 && (words[1 - HIGH] !== 0 || kept % 2 === 1));
  return sign | (isAbove ? kept + 1 : kept);
}

/** What lies outside the normal halves: subnormals, infinities and NaN. */
function unusualHalf(value: number): number {
  if (Number.isNaN(value)) return NAN_BITS;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(roundToFormat(value, FORMAT));
  return sign | (magnitude > 1 ? INFINITY_BITS : magnitude / SUBNORMAL_STEP);
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
