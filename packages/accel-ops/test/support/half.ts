/** IEEE half precision in plain JavaScript: the reference that the native conversions are compared with. */

/** The value of half bits, exactly. */
export function floatFromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0
    ? sign * mantissa * 2 ** -24
    : sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

/** Half bits of any number, rounded once to nearest even. */
export function halfFromFloat(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (Number.isNaN(magnitude)) return 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  // Halves from 2^e on are multiples of 2^(e-10), those below 2^-14 of 2^-24.
  const exponent = Math.max(Math.floor(Math.log2(Math.max(magnitude, 2 ** -30))), -14);
  const steps = roundEven(magnitude * 2 ** (10 - exponent));
  return sign | (steps + ((exponent + 14) << 10));
}

/** The nearest half, as a number. */
export function roundToHalf(value: number): number {
  return floatFromHalf(halfFromFloat(value));
}

export function halves(values: ArrayLike<number>): Uint16Array {
  return Uint16Array.from(values, halfFromFloat);
}

export function floats(bits: ArrayLike<number>): Float32Array {
  return Float32Array.from(bits, floatFromHalf);
}

function roundEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
