/** Fewer points for a picture, none of the extremes lost. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { downsample, outline } from "../src/downsample.js";
import { Series } from "../src/series.js";

const seriesOf = (values: readonly number[], first = 1) =>
  values.reduce((series, value, index) => series.push(first + index, value), Series.empty);

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

describe("downsample", () => {
  it("keeps every value within its column's ends, and counts each once", () => {
    const scale = fc.constantFrom("linear" as const, "log" as const);
    fc.assert(
      fc.property(
        fc.array(finite, { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 40 }),
        scale,
        (values, columns, axis) => {
          const buckets = downsample(seriesOf(values), columns, { scale: axis });
          expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
          expect(Math.min(...buckets.map(({ min }) => min.value))).toBe(Math.min(...values));
          expect(Math.max(...buckets.map(({ max }) => max.value))).toBe(Math.max(...values));
          const places = buckets.map(({ column }) => column);
          expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
          expect(places.every((place) => place >= 0 && place < columns)).toBe(true);
        },
      ),
    );
  });

  it("makes columns of equal width on their axis", () => {
    const series = seriesOf(Array.from({ length: 1000 }, (_, index) => index));
    expect(downsample(series, 4).map(({ count }) => count)).toEqual([250, 250, 250, 250]);
    const decades = downsample(series, 3, { scale: "log" });
    expect(decades.map(({ count }) => count)).toEqual([9, 90, 901]);
  });

  it("takes a range, and leaves out what is no number", () => {
    const series = seriesOf([5, Number.NaN, 7, 1, 9, Number.POSITIVE_INFINITY]);
    const [bucket, ...others] = downsample(series, 1, { from: 2, to: 5 });
    expect(others).toEqual([]);
    expect(bucket).toEqual({
      column: 0,
      count: 3,
      min: { step: 4, value: 1 },
      max: { step: 5, value: 9 },
      mean: 17 / 3,
      last: { step: 5, value: 9 },
    });
    expect(downsample(Series.empty, 10)).toEqual([]);
    expect(downsample(seriesOf([4, 5], 0), 1)).toMatchObject([{ count: 2, min: { step: 0 } }]);
  });
});

it("outlines in the order of the micro-steps", () => {
  const wave = seriesOf(Array.from({ length: 5000 }, (_, index) => Math.sin(index / 50)));
  const points = outline(wave, 60);
  expect(points.length).toBeGreaterThan(60);
  expect(points.length).toBeLessThanOrEqual(120);
  expect(points.map(({ step }) => step)).toEqual(
    points.map(({ step }) => step).sort((a, b) => a - b),
  );
  expect(outline(seriesOf([3, Number.NaN, 4]), 60)).toEqual([
    { step: 1, value: 3 },
    { step: 3, value: 4 },
  ]);
});
