/** What of a curve is in sight. */
import type { CurveData } from "./run-data.js";

/** Shares of the values that may be left out of sight at either end. */
const OUTLIERS = 0.005;
const MANY = 100;

/**
 * Lowest and highest value among the micro-steps from `from` to `to`; infinite where there are none.
 * @param robust Of many values the few farthest out do not count.
 */
export function valuesInSight(
  { steps, values }: CurveData,
  from: number,
  to: number,
  robust: boolean,
): [number, number] {
  const seen: number[] = [];
  for (const [index, step] of steps.entries()) {
    const value = values[index];
    if (step >= from && step <= to && value !== null && value !== undefined) seen.push(value);
  }
  if (seen.length === 0) return [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  seen.sort((a, b) => a - b);
  const out = robust && seen.length > MANY ? Math.ceil(seen.length * OUTLIERS) : 0;
  return [seen[out]!, seen[seen.length - 1 - out]!];
}

/** Running means (0.9) without the pull towards 0 at their beginning. */
export function smoothed({ steps, values }: CurveData): CurveData {
  let [sum, weight] = [0, 0];
  const means = values.map((value) => {
    if (value === null) return null;
    sum = 0.9 * sum + value;
    weight = 0.9 * weight + 1;
    return sum / weight;
  });
  return { steps, values: means };
}

/** The value at a micro-step, or the last before it. */
export function valueAt({ steps, values }: CurveData, step: number): number | undefined {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle]! <= step) low = middle + 1;
    else high = middle;
  }
  for (let index = low - 1; index >= 0; index--) {
    const value = values[index];
    if (value !== null && value !== undefined) return value;
  }
  return undefined;
}
