import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exponentOf, roundArray, roundToDType } from "../src/float-format.js";

describe("roundToDType", () => {
  it.each([
    ["bf16", 1 + 2 ** -8, 1],
    ["bf16", 1 + 2 ** -8 + 2 ** -45, 1 + 2 ** -7],
    ["bf16", 2 ** -133, 2 ** -133],
    ["bf16", 2 ** -134, 0],
    ["bf16", 3.4e38, Infinity],
    ["fp8e4m3fn", 17, 16],
    ["fp8e4m3fn", 19, 20],
    ["fp8e4m3fn", 464, 448],
    ["fp8e4m3fn", 465, Number.NaN],
    ["fp8e4m3fn", -Infinity, Number.NaN],
    ["fp8e4m3fn", 2 ** -9, 2 ** -9],
    ["fp8e4m3fn", 2 ** -10, 0],
    ["fp8e5m2", 61439, 57344],
    ["fp8e5m2", 61440, Infinity],
    ["fp32", 1 + 2 ** -24, 1],
    ["fp64", 1 + 2 ** -52, 1 + 2 ** -52],
    ["int32", 0.5, 0.5],
  ] as const)("%s: %d becomes %d", (dtype, value, expected) => {
    expect(roundToDType(value, dtype)).toBe(expected);
    expect(roundToDType(-value, dtype)).toBe(-expected);
  });

  it("keeps the sign of what becomes zero", () => {
    expect(roundToDType(-1e-30, "fp16")).toBe(-0);
    expect(roundToDType(-0, "fp16")).toBe(-0);
    expect(roundToDType(1e-30, "fp16")).toBe(0);
  });
});

describe("roundArray", () => {
  it.each(["fp16", "bf16", "fp32", "fp64", "fp8e4m3fn"] as const)(
    "%s element by element",
    (dtype) => {
      fc.assert(
        fc.property(fc.array(fc.double()), (values) => {
          const data = Float64Array.from([0, ...values]).subarray(1);
          roundArray(data, dtype);
          expect([...data]).toEqual(values.map((value) => roundToDType(value, dtype)));
        }),
      );
    },
  );
});

describe("exponentOf", () => {
  it("is the exponent of normal numbers", () => {
    expect([1, 1.99, 2, 0.5, -3].map(exponentOf)).toEqual([0, 0, 1, -1, 1]);
  });
});
