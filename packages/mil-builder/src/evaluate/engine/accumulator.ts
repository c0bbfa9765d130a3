/**
 * The engine's multiply-accumulate unit (751K notes/numerics.md, measured on M4 and M6): a 32-bit fixed-point sum, Q15.16. Sums
 * are held as float64 in units of 2^-16, in which they are integers below 2^31 or a sticky infinity.
 */
import { exponentOf } from "../../float-format.js";
import { roundHalfAway } from "./round-half-away.js";

const UNITS_PER_ONE = 65536;
/** 32768 in units: a sum that reaches it is infinite from then on. */
const LIMIT = 2 ** 31;
/** Products whose exponents sum to this or less are dropped. */
const DROPPED = -17;
/** What inf and NaN read as: exponent 16 is what 31 would be if it were an ordinary one, the fraction is kept. */
const DECODED_INFINITY = 65536;
const DECODED_NAN = 98304;

/** Operands as the unit reads them: infinities and NaNs are ordinary large numbers. A new array only if there are any. */
export function decodeOperands(data: Float64Array): Float64Array {
  return data.every(Number.isFinite) ? data : data.map(decode);
}

function decode(value: number): number {
  if (Number.isNaN(value)) return DECODED_NAN;
  return Number.isFinite(value) ? value : Math.sign(value) * DECODED_INFINITY;
}

/** Exponents of all elements; far below any other for zeros, so that products with them are dropped. */
export function exponentsOf(data: Float64Array): Int32Array {
  return Int32Array.from(data, exponentOf);
}

/** A sum that begins with the bias, in units; it may be infinite at once. */
export function initialSum(bias: number): number {
  return limit(roundUnits(decode(bias) * UNITS_PER_ONE));
}

/** The sum after one more product of operands with these exponents. */
export function accumulate(sum: number, x: number, y: number, exponent: number): number {
  return exponent <= DROPPED ? sum : limit(sum + roundUnits(x * y * UNITS_PER_ONE));
}

/** The sum as fp16; never -0. */
export function sumToHalf(sum: number): number {
  return roundHalfAway(sum / UNITS_PER_ONE) + 0;
}

/** Infinity plus anything finite stays infinite, which makes it sticky. */
function limit(sum: number): number {
  if (sum >= LIMIT) return Number.POSITIVE_INFINITY;
  return sum <= -LIMIT ? Number.NEGATIVE_INFINITY : sum;
}

/** To whole units, halves away from zero. Exact: products of halfs have 22 bits. */
function roundUnits(units: number): number {
  return units < 0 ? -Math.floor(0.5 - units) : Math.floor(units + 0.5);
}
