/** Exponential running means without the pull towards 0 at their beginning. */
import { Series } from "./series.js";

/** Factors that the state keeps means of: about the last 10 and the last 50 micro-steps. */
export const SMOOTHINGS = [0.9, 0.98] as const;

export type Smoothing = (typeof SMOOTHINGS)[number];

/**
 * m' = (β·(1 − βⁿ)·m + (1 − β)·x) / (1 − βⁿ⁺¹): the mean of x with weights 1, β, β², … from the newest back.
 * @param mean Of `count` values.
 */
export function nextMean(beta: number, mean: number, count: number, value: number): number {
  const weight = 1 - beta ** count;
  return (beta * weight * mean + (1 - beta) * value) / (1 - beta ** (count + 1));
}

/** Of any factor from 0, which changes nothing, to below 1. */
export function smooth(series: Series, beta: number): Series {
  let smoothed = Series.empty;
  let mean = 0;
  for (let index = 0; index < series.length; index++) {
    const { step, value } = series.at(index);
    mean = nextMean(beta, mean, index, value);
    smoothed = smoothed.push(step, mean);
  }
  return smoothed;
}
