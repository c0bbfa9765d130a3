/** Rounding to fp16 as the engine does it: to nearest, halves away from zero, subnormals kept. */
import { exponentOf } from "../../float-format.js";

const FRACTION_BITS = 10;
const MIN_EXPONENT = -14;
/** Halfway between 65504 and the next power of two. */
const OVERFLOW = 65520;

/** The nearest fp16 value, halves away from zero; ±infinity from 65520 on. Keeps NaN and the sign of zero. */
export function roundHalfAway(value: number): number {
  const magnitude = Math.abs(value);
  if (!(magnitude < OVERFLOW)) return Number.isNaN(value) ? value : Math.sign(value) * Infinity;
  const step = 2 ** (Math.max(exponentOf(magnitude), MIN_EXPONENT) - FRACTION_BITS);
  const steps = magnitude / step;
  const whole = Math.floor(steps);
  const rounded = (steps - whole >= 0.5 ? whole + 1 : whole) * step;
  return value < 0 || Object.is(value, -0) ? -rounded : rounded;
}

/** Rounds every element, in place. */
export function roundAllHalfAway(data: Float64Array): void {
  for (let i = 0; i < data.length; i++) data[i] = roundHalfAway(data[i]!);
}
