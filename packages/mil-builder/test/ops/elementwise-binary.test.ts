import { describe, expect, it } from "vitest";
import type { FunctionBuilder, Value } from "../../src/index.js";
import { counting, expectShapeError, given, runOne } from "./run-op.js";

type Operands = { readonly x: Value; readonly y: Value };
type Op = (f: FunctionBuilder, operands: Operands) => Value;

const x = given("fp32", [4], [1, -2, 3, 0.5]);
const y = given("fp32", [4], [2, -2, -1, 2]);

describe("arithmetic", () => {
  it.each<[string, Op, number[]]>([
    ["add", (f, o) => f.add(o), [3, -4, 2, 2.5]],
    ["sub", (f, o) => f.sub(o), [-1, 0, 4, -1.5]],
    ["mul", (f, o) => f.mul(o), [2, 4, -3, 1]],
    ["real_div", (f, o) => f.real_div(o), [0.5, 1, -3, 0.25]],
    ["maximum", (f, o) => f.maximum(o), [2, -2, 3, 2]],
    ["minimum", (f, o) => f.minimum(o), [1, -2, -1, 0.5]],
    ["pow", (f, o) => f.pow(o), [1, 0.25, 1 / 3, 0.25]],
    ["floor_div", (f, o) => f.floor_div(o), [0, 1, -3, 0]],
    ["mod", (f, o) => f.mod(o), [1, -0, 0, 0.5]],
  ])("%s", (_, op, data) => {
    expect(runOne({ x, y }, op)).toEqual({ dtype: "fp32", shape: [4], data });
  });

  it("maximum and minimum propagate NaN", () => {
    const nan = given("fp32", [2], [Number.NaN, 1]);
    const one = given("fp32", [2], [1, Number.NaN]);
    expect(runOne({ x: nan, y: one }, (f, o) => f.maximum(o)).data).toEqual([NaN, NaN]);
    expect(runOne({ x: nan, y: one }, (f, o) => f.minimum(o)).data).toEqual([NaN, NaN]);
  });

  it("pow of a negative base to a fraction is NaN, of 1 always 1", () => {
    const base = given("fp32", [2], [-2, 1]);
    const power = given("fp32", [2], [0.5, Number.NaN]);
    expect(runOne({ x: base, y: power }, (f, o) => f.pow(o)).data).toEqual([NaN, 1]);
  });

  it("mod has the sign of the divisor", () => {
    const a = given("fp32", [4], [7, -7, 7, -7]);
    const b = given("fp32", [4], [3, 3, -3, -3]);
    expect(runOne({ x: a, y: b }, (f, o) => f.mod(o)).data).toEqual([1, 2, -2, -1]);
    expect(runOne({ x: a, y: b }, (f, o) => f.floor_div(o)).data).toEqual([2, -3, -3, 2]);
  });

  it("broadcasts from the right, in both directions", () => {
    const column = given("fp16", [2, 1], [10, 20]);
    const row = given("fp16", [3], [1, 2, 3]);
    expect(runOne({ x: column, y: row }, (f, o) => f.add(o))).toEqual({
      dtype: "fp16",
      shape: [2, 3],
      data: [11, 12, 13, 21, 22, 23],
    });
  });

  it("broadcasts middle axes", () => {
    const a = counting("fp32", [2, 1, 2]);
    const b = counting("fp32", [1, 3, 1]);
    expect(runOne({ x: a, y: b }, (f, o) => f.mul(o)).data).toEqual([
      0, 0, 0, 1, 0, 2, 0, 0, 2, 3, 4, 6,
    ]);
  });

  it("of scalars is a scalar", () => {
    const result = runOne({ x }, (f) => {
      const two = f.constant("two", { kind: "tensor", dtype: "fp16", shape: [] }, 2);
      return f.mul({ x: two, y: 3 });
    });
    expect(result).toEqual({ dtype: "fp16", shape: [], data: [6] });
  });

  it("cuts off fractions and keeps the low bits of int32", () => {
    const a = given("int32", [3], [7, -7, 2 ** 31 - 1]);
    expect(runOne({ a }, (f, v) => f.real_div({ x: v.a, y: 2 })).data).toEqual([
      3,
      -3,
      2 ** 30 - 1,
    ]);
    expect(runOne({ a }, (f, v) => f.add({ x: v.a, y: 1 })).data).toEqual([8, -6, -(2 ** 31)]);
  });

  it("refuses shapes that do not broadcast and dtypes that differ", () => {
    const three = counting("fp32", [3]);
    const half = counting("fp16", [4]);
    expectShapeError(
      { x, y: three },
      (f, o) => f.add(o as Operands),
      /must broadcast.*\[4\] and \[3\]/,
    );
    expectShapeError({ x, y: half }, (f, o) => f.add(o as Operands), /one dtype.*got fp16.*fp32/);
  });

  it("refuses bool", () => {
    const flag = counting("bool", [2]);
    expectShapeError({ x: flag, y: flag }, (f, o) => f.add(o as Operands), /domain/);
  });
});

describe("comparisons", () => {
  it.each<[string, Op, number[]]>([
    ["equal", (f, o) => f.equal(o), [0, 1, 0, 0]],
    ["not_equal", (f, o) => f.not_equal(o), [1, 0, 1, 1]],
    ["less", (f, o) => f.less(o), [1, 0, 0, 1]],
    ["less_equal", (f, o) => f.less_equal(o), [1, 1, 0, 1]],
    ["greater", (f, o) => f.greater(o), [0, 0, 1, 0]],
    ["greater_equal", (f, o) => f.greater_equal(o), [0, 1, 1, 0]],
  ])("%s", (_, op, data) => {
    expect(runOne({ x, y }, op)).toEqual({ dtype: "bool", shape: [4], data });
  });
});

describe("logic", () => {
  const a = given("bool", [4], [0, 0, 1, 1]);
  const b = given("bool", [4], [0, 1, 0, 1]);

  it.each<[string, Op, number[]]>([
    ["logical_and", (f, o) => f.logical_and(o), [0, 0, 0, 1]],
    ["logical_or", (f, o) => f.logical_or(o), [0, 1, 1, 1]],
    ["logical_xor", (f, o) => f.logical_xor(o), [0, 1, 1, 0]],
  ])("%s", (_, op, data) => {
    expect(runOne({ x: a, y: b }, op)).toEqual({ dtype: "bool", shape: [4], data });
  });

  it("takes a boolean literal", () => {
    expect(runOne({ a }, (f, v) => f.logical_or({ x: v.a, y: true })).data).toEqual([1, 1, 1, 1]);
  });
});
