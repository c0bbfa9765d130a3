import { describe, expect, it } from "vitest";
import type { FunctionBuilder, Value } from "../../src/index.js";
import { expectClose, expectShapeError, given, runOne } from "./run-op.js";

type Op = (f: FunctionBuilder, x: Value) => Value;

function valuesOf(op: Op, data: readonly number[]): readonly number[] {
  const x = given("fp32", [data.length], data);
  const { dtype, shape, data: result } = runOne({ x }, (f, v) => op(f, v.x));
  expect({ dtype, shape }).toEqual({ dtype: "fp32", shape: [data.length] });
  return result;
}

describe("unary ops", () => {
  it.each<[string, Op, number[], number[]]>([
    ["abs", (f, x) => f.abs({ x }), [-1.5, 2], [1.5, 2]],
    ["sign", (f, x) => f.sign({ x }), [-3, 0, 2], [-1, 0, 1]],
    ["square", (f, x) => f.square({ x }), [-3, 0.5], [9, 0.25]],
    ["sqrt", (f, x) => f.sqrt({ x }), [9, 0.25], [3, 0.5]],
    ["exp", (f, x) => f.exp({ x }), [0, 1], [1, Math.E]],
    ["sin", (f, x) => f.sin({ x }), [0, Math.PI / 2], [0, 1]],
    ["cos", (f, x) => f.cos({ x }), [0, Math.PI], [1, -1]],
    ["tanh", (f, x) => f.tanh({ x }), [0, 20], [0, 1]],
    ["acos", (f, x) => f.acos({ x }), [1, 0], [0, Math.PI / 2]],
    ["asin", (f, x) => f.asin({ x }), [0, 1], [0, Math.PI / 2]],
    ["atan", (f, x) => f.atan({ x }), [0, 1], [0, Math.PI / 4]],
    ["atanh", (f, x) => f.atanh({ x }), [0, 1], [0, Infinity]],
    ["cosh", (f, x) => f.cosh({ x }), [0, Math.log(2)], [1, 1.25]],
    ["sinh", (f, x) => f.sinh({ x }), [0, Math.log(2)], [0, 0.75]],
    ["tan", (f, x) => f.tan({ x }), [0], [0]],
    ["exp2", (f, x) => f.exp2({ x }), [3, -1, 0.5], [8, 0.5, Math.SQRT2]],
    ["clip", (f, x) => f.clip({ x, alpha: -1, beta: 2 }), [-3, 0.5, 3], [-1, 0.5, 2]],
    ["threshold", (f, x) => f.threshold({ x, alpha: 1 }), [-3, 1.5], [1, 1.5]],
    ["floor", (f, x) => f.floor({ x }), [1.5, -1.5], [1, -2]],
    ["ceil", (f, x) => f.ceil({ x }), [1.5, -1.5], [2, -1]],
    ["round", (f, x) => f.round({ x }), [0.5, 1.5, 2.5, -0.5, -1.5, 0.49], [0, 2, 2, -0, -2, 0]],
  ])("%s", (_, op, data, expected) => {
    expect(valuesOf(op, data)).toEqual(expected);
  });

  it("erf is exact to float64", () => {
    // Abramowitz & Stegun table 7.1 to 10 digits, and the far ends.
    const known = [0, 0.5, 1, 2, -1, 6, -7];
    const expected = [0, 0.5204998778, 0.8427007929, 0.995322265, -0.8427007929, 1, -1];
    expectClose(
      valuesOf((f, x) => f.erf({ x }), known),
      expected,
      10,
    );
  });

  it("adds epsilon before inverse, log and rsqrt", () => {
    expect(valuesOf((f, x) => f.inverse({ x, epsilon: 0.5 }), [0.5, 1.5])).toEqual([1, 0.5]);
    expect(valuesOf((f, x) => f.log({ x, epsilon: 0.5 }), [0.5])).toEqual([0]);
    expect(valuesOf((f, x) => f.rsqrt({ x, epsilon: 3 }), [1, 13])).toEqual([0.5, 0.25]);
  });

  it("has the defaults of coremltools, in the dtype of x", () => {
    expect(valuesOf((f, x) => f.inverse({ x }), [0])).toEqual([1 / Math.fround(1e-4)]);
    expect(valuesOf((f, x) => f.rsqrt({ x }), [0])).toEqual([1 / Math.sqrt(Math.fround(1e-12))]);
    expect(valuesOf((f, x) => f.log({ x }), [0])).toEqual([Math.log(2 ** -149)]);
    const half = given("fp16", [1], [0]);
    expect(runOne({ half }, (f, v) => f.rsqrt({ x: v.half })).data).toEqual([Infinity]);
    expect(runOne({ half }, (f, v) => f.inverse({ x: v.half })).data).toEqual([
      1 / 0.00010001659393310547,
    ]);
  });

  it("ties epsilon to the dtype of x before ios17", () => {
    const half = given("fp16", [1], [0]);
    const body = (f: FunctionBuilder, v: Readonly<Record<string, Value>>) =>
      f.rsqrt({
        x: v.half!,
        epsilon: f.constant("e", { kind: "tensor", dtype: "fp32", shape: [] }, 1),
      });
    expect(runOne({ half }, body, "ios17").data).toEqual([1]);
    expectShapeError({ half }, body, /one dtype/, "ios16");
  });

  it("negates booleans", () => {
    const x = given("bool", [2], [0, 1]);
    expect(runOne({ x }, (f, v) => f.logical_not({ x: v.x })).data).toEqual([1, 0]);
  });

  it("refuses int32 where only floats are defined", () => {
    const x = given("int32", [2], [0, 1]);
    expectShapeError({ x }, (f, v) => f.exp({ x: v.x! }), /domain.*int32/);
  });
});

describe("cast", () => {
  const x = given("fp32", [5], [1.9, -1.9, 0, 300, Number.NaN]);

  it.each([
    ["int32", [1, -1, 0, 300, 0]],
    ["uint8", [1, 0, 0, 255, 0]],
    ["int8", [1, -1, 0, 127, 0]],
    ["bool", [1, 1, 0, 1, 1]],
    ["fp16", [1.9, -1.9, 0, 300, Number.NaN]],
  ] as const)("to %s", (dtype, data) => {
    expect(runOne({ x }, (f, v) => f.cast({ x: v.x, dtype }))).toEqual({ dtype, shape: [5], data });
  });

  it("to short integers needs ios17", () => {
    expectShapeError(
      { x },
      (f, v) => f.cast({ x: v.x!, dtype: "int8" }),
      /"dtype".*ios16/,
      "ios16",
    );
  });
});

describe("clip", () => {
  const x = given("fp32", [1], [5]);

  it("refuses an empty range from ios17 on", () => {
    const call = (opset: "ios16" | "ios17") =>
      runOne({ x }, (f, v) => f.clip({ x: v.x, alpha: 2, beta: 2 }), opset);
    expect(call("ios16").data).toEqual([2]);
    expect(() => call("ios17")).toThrow(/"alpha" must be less than "beta"/);
  });
});
