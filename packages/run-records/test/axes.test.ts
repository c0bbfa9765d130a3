/** Ticks of axes: round, inside, few enough. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { axisPlace, axisTicks, tickLabel } from "../src/axes.js";

it("puts values between the ends", () => {
  expect([0, 5, 10, 20].map(axisPlace("linear", 0, 10))).toEqual([0, 0.5, 1, 2]);
  expect(axisPlace("log", 1, 10_000)(100)).toBeCloseTo(0.5, 12);
  expect(axisPlace("log", 1, 10)(-1)).toBeNaN();
  expect(axisPlace("linear", 3, 3)(3)).toBe(0.5);
});

it("takes round values", () => {
  expect(axisTicks("linear", 1.31, 10.4, 5)).toEqual([2, 4, 6, 8, 10]);
  expect(axisTicks("linear", 0, 1, 3)).toEqual([0, 0.5, 1]);
  expect(axisTicks("linear", 1.2, 1.4, 4)).toEqual(
    [1.2, 1.25, 1.3, 1.35, 1.4].filter((_, i) => i % 2 === 0),
  );
  expect(axisTicks("log", 1, 1000, 4)).toEqual([1, 10, 100, 1000]);
  expect(axisTicks("log", 1, 100, 8)).toEqual([1, 2, 5, 10, 20, 50, 100]);
  expect(axisTicks("log", 1, 1e9, 4)).toEqual([1, 1000, 1e6, 1e9]);
  expect(axisTicks("log", 2, 6, 5)).toEqual([2, 3, 4, 5, 6]);
  expect(axisTicks("linear", 4, 4, 5)).toEqual([4]);
  expect(axisTicks("linear", Number.NaN, 4, 5)).toEqual([]);
});

it("never takes more than asked for, nor any outside", () => {
  const ends = fc.tuple(
    fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
    fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
  );
  fc.assert(
    fc.property(
      ends,
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom("linear" as const, "log" as const),
      ([a, b], most, scale) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const ticks = axisTicks(scale, low, high, most);
        const slack = 1e-9 * (high - low) + 1e-11 * high;
        expect(ticks.length).toBeLessThanOrEqual(most);
        expect(ticks.every((tick) => tick >= low - slack && tick <= high + slack)).toBe(true);
        expect(ticks).toEqual([...new Set(ticks)].sort((x, y) => x - y));
      },
    ),
  );
});

it("labels shortly", () => {
  expect([0, 0.5, 10, 1500, 12_000, 2.5e6, 3e9, -40, 1e-5].map(tickLabel)).toEqual([
    "0",
    "0.5",
    "10",
    "1.5k",
    "12k",
    "2.5M",
    "3G",
    "-40",
    "1e-5",
  ]);
});
