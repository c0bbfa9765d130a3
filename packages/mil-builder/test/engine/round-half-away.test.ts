import { describe, expect, test } from "vitest";
import { roundHalfAway } from "../../src/evaluate/engine/round-half-away.js";
import { floatFromHalf, halfFromFloat } from "../../src/index.js";

describe("roundHalfAway", () => {
  test("keeps every fp16 value", () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = floatFromHalf(bits);
      expect(Object.is(roundHalfAway(value), value), `bits ${bits}`).toBe(true);
    }
  });

  test("rounds every halfway point away from zero, and its neighbours to nearest", () => {
    for (let bits = 0; bits < 0x7bff; bits++) {
      const low = floatFromHalf(bits);
      const high = floatFromHalf(bits + 1);
      const half = (low + high) / 2;
      expect(roundHalfAway(half)).toBe(high);
      expect(roundHalfAway(-half)).toBe(-high);
      expect(roundHalfAway(half * (1 - 2 ** -50))).toBe(low);
      expect(roundHalfAway(half * (1 + 2 ** -50))).toBe(high);
    }
  });

  test("differs from ties to even exactly where the lower neighbour is even", () => {
    const half = 1 + 2 ** -11;
    expect(floatFromHalf(halfFromFloat(half))).toBe(1);
    expect(roundHalfAway(half)).toBe(1 + 2 ** -10);
  });

  test.each([
    [65519.99, 65504],
    [65520, Infinity],
    [-1e9, -Infinity],
    [2 ** -25, 2 ** -24],
    [2 ** -25 * 0.999, 0],
    [-(2 ** -26), -0],
    [Number.MIN_VALUE, 0],
    [Number.NaN, Number.NaN],
    [-Infinity, -Infinity],
  ])("%d becomes %d", (value, expected) => {
    expect(roundHalfAway(value)).toBe(expected);
  });
});
