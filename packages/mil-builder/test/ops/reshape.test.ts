import { describe, expect, it } from "vitest";
import { buildProgram, tensor, UNKNOWN_DIM } from "../../src/index.js";
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

  it("takes a shape that the program computes", () => {
    const shape = given("int32", [2], [4, -1]);
    const result = runOne({ x, shape }, (f, v) => {
      const reshaped = f.reshape({ x: v.x, shape: v.shape });
      expect(reshaped.type.shape).toEqual([UNKNOWN_DIM, UNKNOWN_DIM]);
      return reshaped;
    });
    expect(result.shape).toEqual([4, 3]);
  });

  it("leaves dims open that depend on unknown ones", () => {
    buildProgram({}, (f) => {
      const open = f.input("open", tensor("fp16", [UNKNOWN_DIM, 6]));
      expect(f.reshape({ x: open, shape: [-1, 3] }).type.shape).toEqual([UNKNOWN_DIM, 3]);
      expect(f.reshape({ x: open, shape: [2, 6] }).type.shape).toEqual([2, 6]);
      return [f.relu({ x: open })];
    });
  });
});

describe("reshape_like", () => {
  const a = counting("fp32", [2, 3, 4]);
  const b = counting("fp32", [1, 5, 6]);
  const x = counting("fp32", [6, 30]);

  it("joins dims of references", () => {
    const { shape, data } = runOne({ x, a, b }, (f, v) =>
      f.reshape_like({
        x: v.x,
        ref_tensors: [v.a, v.b],
        begins: [0, 1],
        ends: [2, 0],
        end_masks: [false, true],
      }),
    );
    expect(shape).toEqual([2, 3, 5, 6]);
    expect(data).toEqual(x.data);
  });

  it("refuses other numbers of elements and of entries", () => {
    const like = (begins: number[], rule: RegExp) =>
      expectShapeError(
        { x, a },
        (f, v) =>
          f.reshape_like({
            x: v.x!,
            ref_tensors: [v.a!],
            begins,
            ends: [3],
            end_masks: [false],
          }),
        rule,
      );
    like([0], /as many elements/);
    like([0, 0], /one value per tensor/);
  });
});

describe("flatten2d", () => {
  it.each([
    [1, [2, 12]],
    [0, [1, 24]],
    [-1, [6, 4]],
    [3, [24, 1]],
  ] as const)("axis %i", (axis, shape) => {
    const cube = counting("fp32", [2, 3, 4]);
    expect(runOne({ cube }, (f, v) => f.flatten2d({ x: v.cube, axis })).shape).toEqual(shape);
  });

  it("refuses a place outside", () => {
    expectShapeError({ x }, (f, v) => f.flatten2d({ x: v.x!, axis: 3 }), /place between dims/);
  });
});

describe("shape", () => {
  it("is a vector of the dims", () => {
    const cube = counting("fp16", [2, 1, 3]);
    const result = runOne({ cube }, (f, v) => f.shape({ x: v.cube }));
    expect(result).toEqual({ dtype: "int32", shape: [3], data: [2, 1, 3] });
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
