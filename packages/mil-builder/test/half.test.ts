import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { floatFromHalf, fromHalfArray, halfFromFloat, toHalfArray } from "../src/index.js";

/** All finite halfs in ascending order, by bits of their magnitude. */
const MAGNITUDES = Array.from({ length: 0x7c00 }, (_, bits) => floatFromHalf(bits));

/**
 * Nearest half by search: midpoints of neighbours are exact in float64, so comparing with them decides, and a tie goes to
 * the even bits. Beyond the last half, the midpoint to what would be the next one (65536) decides.
 */
function nearestHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  let low = 0;
  let high = MAGNITUDES.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (MAGNITUDES[middle]! <= magnitude) low = middle;
    else high = middle;
  }
  const midpoint = (MAGNITUDES[low]! + (MAGNITUDES[low + 1] ?? 65536)) / 2;
  const isUp = magnitude > midpoint || (magnitude === midpoint && low % 2 === 1);
  return sign | (isUp ? low + 1 : low);
}

describe("half precision", () => {
  it("decodes by the definition of the format", () => {
    const known = [0x0000, 0x0001, 0x03ff, 0x0400, 0x3c00, 0x7bff, 0xbc00, 0x7c00, 0xfc00];
    const values = [0, 2 ** -24, 1023 * 2 ** -24, 2 ** -14, 1, 65504, -1, Infinity, -Infinity];
    expect(known.map(floatFromHalf)).toEqual(values);
    expect(floatFromHalf(0x8000)).toBe(-0);
    expect(floatFromHalf(0x7c01)).toBeNaN();
  });

  it("encodes every half to its own bits", () => {
    for (let bits = 0; bits < 65536; bits++) {
      const value = floatFromHalf(bits);
      expect(halfFromFloat(value)).toBe(Number.isNaN(value) ? 0x7e00 : bits);
    }
  });

  it("rounds float64 to the nearest, ties to even, once", () => {
    // 1 + 2^-11 is a tie between 1 and 1 + 2^-10; the 2^-40 on top of it would be lost on the way through fp32.
    expect(halfFromFloat(1 + 2 ** -11)).toBe(0x3c00);
    expect(halfFromFloat(1 + 2 ** -11 + 2 ** -40)).toBe(0x3c01);
    expect(halfFromFloat(1 + 3 * 2 ** -11)).toBe(0x3c02);
    expect(halfFromFloat(2 ** -25)).toBe(0);
    expect(halfFromFloat(2 ** -25 + 2 ** -60)).toBe(1);
    expect(halfFromFloat(-(2 ** -26))).toBe(0x8000);
    expect(halfFromFloat(65519.999)).toBe(0x7bff);
    expect(halfFromFloat(65520)).toBe(0x7c00);
    expect(halfFromFloat(-Number.MAX_VALUE)).toBe(0xfc00);
    expect(halfFromFloat(Number.NaN)).toBe(0x7e00);
  });

  it("agrees with a search through all halfs", () => {
    const inRange = fc.double({ noNaN: true, min: -70000, max: 70000 });
    const small = inRange.map((value) => value * 2 ** -30);
    fc.assert(
      fc.property(fc.oneof(inRange, small, fc.double({ noNaN: true })), (value) => {
        expect(halfFromFloat(value)).toBe(nearestHalf(value));
      }),
      { numRuns: 20_000 },
    );
  });

  it("agrees around every midpoint", () => {
    for (let bits = 0; bits < MAGNITUDES.length - 1; bits++) {
      const midpoint = (MAGNITUDES[bits]! + MAGNITUDES[bits + 1]!) / 2;
      const even = bits % 2 === 0 ? bits : bits + 1;
      expect(halfFromFloat(midpoint)).toBe(even);
      expect(halfFromFloat(midpoint * (1 + 2 ** -52))).toBe(bits + 1);
      expect(halfFromFloat(midpoint * (1 - 2 ** -52))).toBe(bits);
    }
  });

  it("converts arrays both ways", () => {
    const values = [0, -0, 1.5, -65504, 2 ** -24, Infinity];
    const bits = toHalfArray(values);
    expect(bits).toEqual(Uint16Array.from(values, halfFromFloat));
    expect(fromHalfArray(bits)).toEqual(Float32Array.from(values));
    expect(toHalfArray(Float32Array.from([0.1]))).toEqual(Uint16Array.of(0x2e66));
  });
});
