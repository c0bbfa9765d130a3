import { describe, expect, test } from "vitest";
import { ArgumentError, setThreads, toFloat, toHalf } from "../src/index.js";
import { floatFromHalf, halfFromFloat } from "./support/half.js";
import { randomNumbers } from "./support/random.js";

const everyHalf = Uint16Array.from({ length: 65536 }, (_, bits) => bits);

function floatsFromBits(length: number, seed: number): Float32Array {
  const next = randomNumbers(seed);
  return new Float32Array(Uint32Array.from({ length }, () => next() * 2 ** 32).buffer);
}

describe("toFloat", () => {
  test("is exact for every half", () => {
    const actual = new Float32Array(65536);
    toFloat(everyHalf, actual);
    for (let bits = 0; bits < 65536; bits++) {
      expect(Object.is(actual[bits], floatFromHalf(bits)), bits.toString(16)).toBe(true);
    }
  });
});

describe("toHalf", () => {
  test("rounds to nearest even: every half, every midpoint and its neighbours", () => {
    const values: number[] = [];
    for (let bits = 0; bits < 0x7c00; bits++) {
      const value = floatFromHalf(bits);
      const middle = (value + (bits < 0x7bff ? floatFromHalf(bits + 1) : 65536)) / 2;
      values.push(value, middle, middle * (1 - 2 ** -23), middle * (1 + 2 ** -23));
    }
    const src = Float32Array.from([...values, ...values.map((value) => -value), 1e30, -1e30]);
    const actual = new Uint16Array(src.length);
    toHalf(src, actual);
    expect(actual).toEqual(Uint16Array.from(src, halfFromFloat));
  });

  test("takes any fp32 bits, infinities and NaN included", () => {
    const src = floatsFromBits(200_000, 1);
    src.set([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 0, -0]);
    const actual = new Uint16Array(src.length);
    toHalf(src, actual);
    src.forEach((value, i) => {
      const half = actual[i]!;
      const same = Number.isNaN(value) ? (half & 0x7fff) > 0x7c00 : half === halfFromFloat(value);
      if (!same) expect.fail(`${value} became ${half.toString(16)}`);
    });
  });

  test("converts views of odd lengths and leaves the elements around them alone", () => {
    for (let length = 0; length < 70; length++) {
      const src = floatsFromBits(length + 3, length).map((value) => value || 1);
      const dst = new Uint16Array(length + 5).fill(0xabcd);
      toHalf(src.subarray(1, 1 + length), dst.subarray(3, 3 + length));
      const back = new Float32Array(length + 2).fill(7);
      toFloat(dst.subarray(3, 3 + length), back.subarray(1, 1 + length));
      expect([...dst.subarray(0, 3), ...dst.subarray(3 + length)]).toEqual(Array(5).fill(0xabcd));
      expect([back[0], back[length + 1]]).toEqual([7, 7]);
      for (let i = 0; i < length; i++) {
        const once = Math.fround(floatFromHalf(halfFromFloat(src[1 + i]!)));
        expect(back[1 + i]).toBe(once);
      }
    }
  });

  test("does not depend on the number of threads", () => {
    const src = floatsFromBits(300_001, 5);
    const [one, two] = [1, 2].map((threads) => {
      setThreads(threads);
      const dst = new Uint16Array(src.length);
      toHalf(src, dst);
      return dst;
    });
    expect(two).toEqual(one);
  });
});

test("wrong arguments are errors before any work", () => {
  const dst = new Uint16Array(4).fill(9);
  expect(() => toHalf(new Float32Array(5), dst)).toThrow(
    new ArgumentError("toHalf.dst: must have 5 elements, got 4."),
  );
  expect(() => toHalf([1] as unknown as Float32Array, dst)).toThrow(
    "toHalf.src: must be a Float32Array, got [1].",
  );
  expect(() => toFloat(dst, new Float32Array(3))).toThrow(ArgumentError);
  const shared = new ArrayBuffer(64);
  expect(() => toFloat(new Uint16Array(shared, 0, 8), new Float32Array(shared, 8, 8))).toThrow(
    "must not overlap src",
  );
  expect(dst).toEqual(new Uint16Array(4).fill(9));
});
