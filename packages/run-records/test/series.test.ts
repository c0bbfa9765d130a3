/** Cutting and searching series, their running means, and their lowest point. */
import { expect, it } from "vitest";
import { lowest, Series } from "../src/series.js";
import { smooth } from "../src/smoothing.js";

const seriesOf = (points: readonly (readonly [number, number])[]) =>
  points.reduce((series, [step, value]) => series.push(step, value), Series.empty);

it("is cut after a micro-step", () => {
  const series = seriesOf([
    [2, 1],
    [4, 2],
    [4, 3],
    [8, 4],
  ]);
  expect([1, 2, 3, 4, 8, 9].map((step) => series.indexAfter(step))).toEqual([0, 1, 1, 3, 4, 4]);
  expect(series.until(4).last).toEqual({ step: 4, value: 3 });
  expect(series.until(1).last).toBeUndefined();
  expect(series.until(8)).toBe(series);
});

it("finds its first lowest value, whatever is not a number", () => {
  const series = seriesOf([
    [1, Number.NaN],
    [2, 3],
    [3, 1],
    [4, 1],
    [5, Number.NaN],
  ]);
  expect(lowest(series)).toEqual({ step: 3, value: 1 });
  expect(lowest(seriesOf([[1, Number.NaN]]))).toBeUndefined();
});

it("has a running mean with exponential weights that add up to 1", () => {
  const values = [4, 8, 1, 5, 9];
  const means = smooth(seriesOf(values.map((value, index) => [index, value])), 0.9);
  const expected = values.map((_, newest) => {
    const weights = values.slice(0, newest + 1).map((_value, index) => 0.9 ** (newest - index));
    const total = weights.reduce((a, b) => a + b);
    return weights.reduce((sum, weight, index) => sum + weight * values[index]!, 0) / total;
  });
  means.values.values().forEach((mean, index) => {
    expect(mean).toBeCloseTo(expected[index]!, 12);
  });
  expect([...smooth(means, 0).values.values()]).toEqual([...means.values.values()]);
});
