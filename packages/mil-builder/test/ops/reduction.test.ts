import { describe, expect, it } from "vitest";
import type { FunctionBuilder, Value } from "../../src/index.js";
import { counting, expectShapeError, given, runOne } from "./run-op.js";

type Arguments = {
  readonly x: Value;
  readonly axes?: readonly number[];
  readonly keep_dims?: boolean;
};
type Op = (f: FunctionBuilder, inputs: Arguments) => Value;

const OPS: readonly (readonly [string, Op, readonly number[]])[] = [
  ["reduce_sum", (f, inputs) => f.reduce_sum(inputs), [4, 6, 12, 14]],
  ["reduce_mean", (f, inputs) => f.reduce_mean(inputs), [2, 3, 6, 7]],
  ["reduce_max", (f, inputs) => f.reduce_max(inputs), [4, 5, 8, 9]],
  ["reduce_min", (f, inputs) => f.reduce_min(inputs), [0, 1, 4, 5]],
  ["reduce_sum_square", (f, inputs) => f.reduce_sum_square(inputs), [16, 26, 80, 106]],
];

describe.each(OPS)("%s", (_, op, expected) => {
  // [[[0, 1], [4, 5]], [[4, 5], [8, 9]]] reduced over its middle axis.
  const x = given("fp32", [2, 2, 2], [0, 1, 4, 5, 4, 5, 8, 9]);

  it("removes the axis, or keeps it as 1", () => {
    expect(runOne({ x }, (f, v) => op(f, { x: v.x, axes: [1] }))).toEqual({
      dtype: "fp32",
      shape: [2, 2],
      data: expected,
    });
    const kept = runOne({ x }, (f, v) => op(f, { x: v.x, axes: [-2], keep_dims: true }));
    expect(kept).toEqual({ dtype: "fp32", shape: [2, 1, 2], data: expected });
  });
});

describe("reductions", () => {
  const x = counting("fp32", [2, 3, 4]);

  it("reduce everything by default", () => {
    expect(runOne({ x }, (f, v) => f.reduce_sum(v))).toEqual({
      dtype: "fp32",
      shape: [],
      data: [276],
    });
    const kept = runOne({ x }, (f, v) => f.reduce_max({ x: v.x, keep_dims: true }));
    expect(kept).toEqual({ dtype: "fp32", shape: [1, 1, 1], data: [23] });
  });

  it("reduce several axes in any order", () => {
    const outer = runOne({ x }, (f, v) => f.reduce_sum({ x: v.x, axes: [2, 0] }));
    expect(outer).toEqual({ dtype: "fp32", shape: [3], data: [60, 92, 124] });
  });

  it("cut off the mean of integers", () => {
    const integers = given("int32", [2], [1, 2]);
    expect(runOne({ x: integers }, (f, v) => f.reduce_mean(v)).data).toEqual([1]);
  });

  it("propagate NaN through max", () => {
    const nan = given("fp32", [3], [1, Number.NaN, 3]);
    expect(runOne({ x: nan }, (f, v) => f.reduce_max(v)).data).toEqual([NaN]);
  });

  it("refuse an axis twice", () => {
    expectShapeError({ x }, (f, v) => f.reduce_sum({ x: v.x!, axes: [1, -2] }), /each axis once/);
  });
});
