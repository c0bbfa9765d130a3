import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { roundToDType } from "../../src/float-format.js";
import { floatFromHalf } from "../../src/index.js";
import {
  formatDecimal,
  formatHexFloat,
  parseFloatText,
  readFloat,
} from "../../src/text/float-text.js";
import { integerOf, shortHexFloat } from "../../src/text/number-text.js";

describe("formatHexFloat", () => {
  it.each([
    [0.125, "0x1p-3"],
    [-0.0000152587890625, "-0x1p-16"],
    [1.0013580322265625e-5, "0x1.5p-17"],
    [65504, "0x1.ffcp+15"],
    [2 ** -24, "0x1p-24"],
    [0, "0x0p+0"],
    [-0, "-0x0p+0"],
    [Infinity, "inf"],
    [-Infinity, "-inf"],
    [Number.NaN, "nan"],
    [0.1, "0x1.999999999999ap-4"],
    [Number.MAX_VALUE, "0x1.fffffffffffffp+1023"],
    [Number.MIN_VALUE, "0x1p-1074"],
    [3 * Number.MIN_VALUE, "0x1.8p-1073"],
    [1, "0x1p+0"],
  ])("%d is %s", (value, text) => {
    expect(formatHexFloat(value)).toBe(text);
  });
});

/** JavaScript's shortest decimal, which forgets the sign of zero. */
const decimal = (value: number) => (Object.is(value, -0) ? "-0" : String(value));

describe("parseFloatText", () => {
  it("reads back every half", () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = floatFromHalf(bits);
      if (Number.isFinite(value)) expect(parseFloatText(formatHexFloat(value), "fp16")).toBe(value);
    }
  });

  it("reads back doubles and singles", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(parseFloatText(formatHexFloat(value), "fp64")).toBe(value);
        expect(parseFloatText(decimal(value), "fp64")).toBe(value);
        const single = Math.fround(value);
        if (Number.isFinite(single)) {
          expect(parseFloatText(formatHexFloat(single), "fp32")).toBe(single);
          expect(parseFloatText(decimal(single), "fp32")).toBe(single);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    // The exact tie goes to even; a digit far beyond float64 still decides.
    ["1.00048828125", 1],
    ["1.00048828125000000000000000000000000000001", 1 + 2 ** -10],
    ["1.00146484375", 1 + 2 ** -9],
    ["1.00146484374999999999999999999999999999999", 1 + 2 ** -10],
    ["-1.00048828125000000000000000000000000000001", -1 - 2 ** -10],
    ["65519.9999999999999999999999999999999", 65504],
    ["65520", Infinity],
    ["2.98023223876953125e-8", 0],
    ["2.98023223876953125000000000000000000000001e-8", 2 ** -24],
    ["100048828125000000000000000000000000000001e-41", 1 + 2 ** -10],
    ["-1", -1],
    ["0.00001", 1.0013580322265625e-5],
    ["+.5", 0.5],
    ["1e-400", 0],
    ["1e400", Infinity],
    ["-0", -0],
    ["0x1.002p+0", 1],
    ["0x1.0020000000000000000000001p+0", 1 + 2 ** -10],
    ["0x1.006p+0", 1 + 2 ** -9],
    ["0xA.8p1", 21],
    ["0x.8", 0.5],
    ["-0x0p+0", -0],
    ["0x1p-25", 0],
    ["0x1.8p-25", 2 ** -24],
    ["0x1p+99999999999", Infinity],
    ["0x1p-99999999999", 0],
  ])("%s as fp16", (text, value) => {
    expect(parseFloatText(text, "fp16")).toBe(value);
  });

  it("rounds long hex into the subnormals of float64 once", () => {
    expect(parseFloatText("0x1.8p-1074", "fp64")).toBe(2 ** -1073);
    expect(parseFloatText("0x1.7ffffffffffffffffp-1074", "fp64")).toBe(2 ** -1074);
    expect(parseFloatText("0x0.8p-1074", "fp64")).toBe(0);
  });

  it.each(["", ".", "0x", "0xp1", "1.5.2", "1e", "abc", "--1"])("refuses %j", (text) => {
    expect(parseFloatText(text, "fp32")).toBeUndefined();
  });
});

const DTYPES = ["fp16", "bf16", "fp32", "fp64", "fp8e4m3fn", "fp8e5m2"] as const;

describe("readFloat", () => {
  const hexDigits = fc.stringMatching(/^[0-9a-fA-F]{0,8}$/);
  const decimalDigits = fc.stringMatching(/^[0-9]{0,8}$/);
  const sign = fc.constantFrom("", "-", "+");
  const exponent = (letter: string) =>
    fc.oneof(
      fc.constant(""),
      fc.integer({ min: -1200, max: 1200 }).map((power) => `${letter}${power}`),
      fc.integer({ min: -20, max: 20 }).map((power) => `${letter}${power < 0 ? "" : "+"}${power}`),
    );
  const hex = fc
    .tuple(sign, hexDigits, fc.constantFrom("", "."), hexDigits, exponent("p"))
    .map(([minus, whole, dot, fraction, power]) => `${minus}0x${whole}${dot}${fraction}${power}`);
  const plain = fc
    .tuple(sign, decimalDigits, fc.constantFrom("", "."), decimalDigits, exponent("e"))
    .map(([minus, whole, dot, fraction, power]) => `${minus}${whole}${dot}${fraction}${power}`);

  it("takes shortcuts to the same values, wherever in a text the number stands", () => {
    fc.assert(
      fc.property(fc.oneof(hex, plain), fc.constantFrom(...DTYPES), (text, dtype) => {
        const read = readFloat(`(${text})`, 1, 1 + text.length, dtype);
        expect(read).toBe(parseFloatText(text, dtype));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ["-inf", -Infinity],
    ["+inf", Infinity],
    ["-nan", Number.NaN],
    ["-0", -0],
    ["-0x0p+0", -0],
    ["0x1.ffdp+15", 65504],
    ["0x1.ffep+15", Infinity],
    ["65520", Infinity],
    [`0x${"0".repeat(1200)}1`, undefined],
    ["1e", undefined],
    ["-", undefined],
    ["0x1p", undefined],
    ["0x1.8.8p+0", undefined],
  ])("%s in fp16 is %d", (text, value) => {
    expect(readFloat(text, 0, text.length, "fp16")).toBe(value);
  });
});

describe("the shortcuts", () => {
  it.each([
    ["0", 0],
    ["-0", 0],
    ["+17", 17],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
    ["9007199254740993", Number.NaN],
    ["1e3", Number.NaN],
    ["", Number.NaN],
    ["-", Number.NaN],
  ])("integer %s is %d", (text, value) => {
    expect(integerOf(text, 0, text.length)).toBe(value);
  });

  it("leave long and extreme numbers to others", () => {
    for (const text of ["0x1.00000000000000p+0", "0x1p+1000", "0x1p-1074", "1.5", "0x", "0x1q2"]) {
      expect(shortHexFloat(text, 0, text.length)).toBe(Number.NaN);
    }
  });
});

describe("formatDecimal", () => {
  it.each([
    [0.0999755859375, "fp16", "0.1"],
    [2 ** -24, "fp16", "6e-8"],
    [65504, "fp16", "65500"],
    [Math.fround(0.1), "fp32", "0.1"],
    [0.1, "fp64", "0.1"],
    [-0, "fp16", "-0"],
    [-Infinity, "fp16", "-inf"],
    [Number.NaN, "fp16", "nan"],
  ] as const)("%d of %s is %s", (value, dtype, text) => {
    expect(formatDecimal(value, dtype)).toBe(text);
  });

  it("is read back as the same value", () => {
    fc.assert(
      fc.property(fc.double(), fc.constantFrom(...DTYPES), (number, dtype) => {
        const value = roundToDType(number, dtype);
        const text = formatDecimal(value, dtype);
        if (Number.isFinite(value)) expect(parseFloatText(text, dtype)).toBe(value);
      }),
    );
  });
});
