import { describe, expect, it } from "vitest";
import { counting, expectShapeError, given, runOne } from "./run-op.js";

const x = counting("fp16", [2, 6]);

describe("reshape", () => {
  it("keeps the elements in order", () => {
    expect(runOne({ x }, (f, v) => f.reshape({ x: v.x, shape: [1, 3, 4] }))).toEqual({
      dtype: "fp16",
      shape: [1, 3, 4],
      data: [...Array(12).keys()],
    });
  });

  it("finds one dim by itself", () => {
    expect(runOne({ x }, (f, v) => f.reshape({ x: v.x, shape: [3, -1] })).shape).toEqual([3, 4]);
  });

  it("copies dims for 0: from the right since ios17, by index before", () => {
    const zeros = (shape: number[], opset: "ios16" | "ios17") =>
      runOne({ x }, (f, v) => f.reshape({ x: v.x, shape }), opset).shape;
    expect(zeros([0, 2, -1], "ios17")).toEqual([1, 2, 6]);
    expect(zeros([3, 0, 2, -1], "ios17")).toEqual([3, 1, 2, 2]);
    expect(zeros([0, -1], "ios16")).toEqual([2, 6]);
    expectShapeError(
      { x },
      (f, v) => f.reshape({ x: v.x!, shape: [0, 2, -1] }),
      /equal ranks/,
      "ios16",
    );
  });

  it("refuses other numbers of elements", () => {
    for (const shape of [[5], [5, -1], [-1, -1], [-2, 6]]) {
      expectShapeError({ x }, (f, v) => f.reshape({ x: v.x!, shape }), /12 elements/);
    }
  });

  it("needs a shape that is known when the program is built", () => {
    const shape = given("int32", [2], [3, 4]);
    expectShapeError(
      { x, shape },
      (f, v) => f.reshape({ x: v.x!, shape: v.shape! }),
      /"shape" must be a compile-time constant/,
    );
  });
});

describe("transpose", () => {
  it("permutes dims, also counted from the end", () => {
    const cube = counting("int32", [2, 1, 3]);
    for (const perm of [
      [2, 0, 1],
      [-1, 0, -2],
    ]) {
      expect(runOne({ cube }, (f, v) => f.transpose({ x: v.cube, perm }))).toEqual({
        dtype: "int32",
        shape: [3, 2, 1],
        data: [0, 3, 1, 4, 2, 5],
      });
    }
  });

  it("refuses anything but a permutation", () => {
    expectShapeError({ x }, (f, v) => f.transpose({ x: v.x!, perm: [0] }), /every axis/);
    expectShapeError({ x }, (f, v) => f.transpose({ x: v.x!, perm: [0, 0] }), /each axis once/);
    expectShapeError({ x }, (f, v) => f.transpose({ x: v.x!, perm: [0, 2] }), /an axis/);
  });
});

describe("expand_dims and squeeze", () => {
  it("expand by positions in the result", () => {
    const shape = (axes: number[]) =>
      runOne({ x }, (f, v) => f.expand_dims({ x: v.x, axes })).shape;
    expect(shape([0])).toEqual([1, 2, 6]);
    expect(shape([-1])).toEqual([2, 6, 1]);
    expect(shape([0, 2, 4])).toEqual([1, 2, 1, 6, 1]);
  });

  it("squeeze all ones, or those named; a named dim that is not one stays", () => {
    const ones = counting("bool", [1, 2, 1, 1]);
    const shape = (axes?: number[]) =>
      runOne({ ones }, (f, v) => f.squeeze({ x: v.ones, axes })).shape;
    expect(shape()).toEqual([2]);
    expect(shape([0, -1])).toEqual([2, 1]);
    expect(shape([0, 1])).toEqual([2, 1, 1]);
  });

  it("identity copies", () => {
    expect(runOne({ x }, (f, v) => f.identity(v))).toEqual({
      dtype: "fp16",
      shape: [2, 6],
      data: [...Array(12).keys()],
    });
  });
});
