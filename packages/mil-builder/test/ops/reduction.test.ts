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
  ["reduce_prod", (f, inputs) => f.reduce_prod(inputs), [0, 5, 32, 45]],
  ["reduce_l1_norm", (f, inputs) => f.reduce_l1_norm(inputs), [4, 6, 12, 14]],
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

describe("norms and logarithms", () => {
  it("reduce_l2_norm and reduce_log_sum", () => {
    const x = given("fp32", [2], [3, -4]);
    expect(runOne({ x }, (f, v) => f.reduce_l2_norm({ x: v.x })).data).toEqual([5]);
    const e = given("fp32", [2], [3, 5]);
    expect(runOne({ e }, (f, v) => f.reduce_log_sum({ x: v.e })).data).toEqual([Math.log(8)]);
  });

  it("reduce_log_sum_exp does not overflow", () => {
    const x = given("fp32", [2], [1000, 1000]);
    const { data } = runOne({ x }, (f, v) => f.reduce_log_sum_exp({ x: v.x }));
    expect(data).toEqual([1000 + Math.LN2]);
    const none = given("fp32", [2], [-Infinity, -Infinity]);
    const empty = runOne({ none }, (f, v) => f.reduce_log_sum_exp({ x: v.none }));
    expect(empty.data).toEqual([-Infinity]);
  });
});

describe("argmax and argmin", () => {
  const x = given("fp32", [2, 3], [1, 5, 5, -2, -2, 0]);

  it("give the first index of the extreme", () => {
    expect(runOne({ x }, (f, v) => f.reduce_argmax({ x: v.x }))).toEqual({
      dtype: "int32",
      shape: [2],
      data: [1, 2],
    });
    expect(runOne({ x }, (f, v) => f.reduce_argmin({ x: v.x, axis: 0, keep_dims: true }))).toEqual({
      dtype: "int32",
      shape: [1, 3],
      data: [1, 1, 1],
    });
  });

  it("may give uint16 from ios17 on", () => {
    const call = (opset: "ios16" | "ios17") =>
      runOne({ x }, (f, v) => f.reduce_argmax({ x: v.x, output_dtype: "uint16" }), opset);
    expect(call("ios17").dtype).toBe("uint16");
    expect(() => call("ios16")).toThrow(/parameters must exist in ios16/);
  });
});
