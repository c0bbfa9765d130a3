import { describe, expect, it } from "vitest";
import { tensor } from "../../src/index.js";
import { counting, expectShapeError, given, runOne } from "./run-op.js";

describe("conv", () => {
  it("with a 1x1 kernel mixes channels", () => {
    const x = given("fp32", [1, 2, 1, 3], [1, 2, 3, 10, 20, 30]);
    const weight = given("fp32", [3, 2, 1, 1], [1, 0, 0, 1, 1, 1]);
    expect(runOne({ x, weight }, (f, v) => f.conv(v))).toEqual({
      dtype: "fp32",
      shape: [1, 3, 1, 3],
      data: [1, 2, 3, 10, 20, 30, 11, 22, 33],
    });
  });

  it("correlates (the kernel is not flipped) and adds the bias", () => {
    const x = counting("fp32", [1, 1, 3, 3]);
    const weight = given("fp32", [1, 1, 2, 2], [1, 2, 3, 4]);
    const bias = given("fp32", [1], [100]);
    expect(runOne({ x, weight, bias }, (f, v) => f.conv(v))).toEqual({
      dtype: "fp32",
      shape: [1, 1, 2, 2],
      data: [127, 137, 157, 167],
    });
  });

  it("strides and dilates, in one dimension", () => {
    const x = counting("fp32", [1, 1, 7]);
    const result = runOne({ x }, (f, v) =>
      f.conv({
        x: v.x,
        weight: f.constant("w", tensor("fp32", [1, 1, 2]), [1, 10]),
        strides: [2],
        dilations: [3],
      }),
    );
    expect(result).toEqual({ dtype: "fp32", shape: [1, 1, 2], data: [30, 52] });
  });

  it("pads by custom amounts before and after", () => {
    const x = given("fp32", [1, 1, 2, 2], [1, 2, 3, 4]);
    const weight = given("fp32", [1, 1, 2, 1], [1, 10]);
    const result = runOne({ x, weight }, (f, v) =>
      f.conv({ ...v, pad_type: "custom", pad: [1, 0, 0, 1] }),
    );
    expect(result).toEqual({
      dtype: "fp32",
      shape: [1, 1, 2, 3],
      data: [10, 20, 0, 31, 42, 0],
    });
  });

  it("ignores pad unless it is custom", () => {
    const x = counting("fp32", [1, 1, 2]);
    const weight = given("fp32", [1, 1, 1], [1]);
    const result = runOne({ x, weight }, (f, v) =>
      f.conv({ ...v, pad_type: "valid", pad: [5, 5] }),
    );
    expect(result.shape).toEqual([1, 1, 2]);
  });

  it("same pads the extra element after, same_lower before", () => {
    const x = given("fp32", [1, 1, 3], [1, 2, 3]);
    const weight = given("fp32", [1, 1, 2], [1, 10]);
    const same = runOne({ x, weight }, (f, v) => f.conv({ ...v, pad_type: "same" }));
    const lower = runOne({ x, weight }, (f, v) => f.conv({ ...v, pad_type: "same_lower" }));
    expect(same).toEqual({ dtype: "fp32", shape: [1, 1, 3], data: [21, 32, 3] });
    expect(lower).toEqual({ dtype: "fp32", shape: [1, 1, 3], data: [10, 21, 32] });
  });

  it("keeps groups apart", () => {
    const x = given("fp32", [2, 2, 1], [1, 2, 3, 4]);
    const weight = given("fp32", [4, 1, 1], [1, 10, 100, 1000]);
    expect(runOne({ x, weight }, (f, v) => f.conv({ ...v, groups: 2 }))).toEqual({
      dtype: "fp32",
      shape: [2, 4, 1],
      data: [1, 10, 200, 2000, 3, 30, 400, 4000],
    });
  });

  it("works in three dimensions", () => {
    const x = counting("fp32", [1, 1, 2, 2, 2]);
    const weight = given("fp32", [1, 1, 2, 1, 2], [1, 1, 1, 1]);
    expect(runOne({ x, weight }, (f, v) => f.conv(v))).toEqual({
      dtype: "fp32",
      shape: [1, 1, 1, 2, 1],
      data: [0 + 1 + 4 + 5, 2 + 3 + 6 + 7],
    });
  });

  describe("refuses", () => {
    const x = counting("fp32", [1, 4, 3, 3]);
    const kernel = (...shape: number[]) => counting("fp32", shape);

    it("channels that do not fit", () => {
      const weight = kernel(2, 3, 1, 1);
      expectShapeError(
        { x, weight },
        (f, v) => f.conv({ x: v.x!, weight: v.weight! }),
        /\[2, 3, 1, 1\]/,
      );
      expectShapeError(
        { x, weight },
        (f, v) => f.conv({ x: v.x!, weight: v.weight!, groups: 3 }),
        /"groups" must divide/,
      );
    });

    it("kernels larger than the input", () => {
      const weight = kernel(2, 4, 4, 1);
      expectShapeError({ x, weight }, (f, v) => f.conv({ x: v.x!, weight: v.weight! }), /must fit/);
    });

    it("ranks and vectors of the wrong length", () => {
      const weight = kernel(2, 4, 1);
      expectShapeError(
        { x, weight },
        (f, v) => f.conv({ x: v.x!, weight: v.weight! }),
        /same rank/,
      );
      const right = kernel(2, 4, 1, 1);
      expectShapeError(
        { x, right },
        (f, v) => f.conv({ x: v.x!, weight: v.right!, strides: [1] }),
        /"strides".*got 1/,
      );
      expectShapeError(
        { x, right },
        (f, v) => f.conv({ x: v.x!, weight: v.right!, pad_type: "custom", pad: [0, 0] }),
        /"pad"/,
      );
      expectShapeError(
        { x, right },
        (f, v) => f.conv({ x: v.x!, weight: v.right!, strides: [0, 1] }),
        /positive/,
      );
    });

    it("what depends on the opset", () => {
      const weight = kernel(2, 4, 1, 1);
      const bias = counting("fp32", [2]);
      expectShapeError(
        { x, weight },
        (f, v) => f.conv({ x: v.x!, weight: v.weight!, dilations: [2, 1] }),
        /cannot be dilated/,
      );
      expectShapeError(
        { x, weight, bias },
        (f, v) => f.conv({ x: v.x!, weight: v.weight!, bias: v.bias! }),
        /"bias".*constant/,
        "ios16",
      );
      expectShapeError(
        { x, weight },
        (f, v) => f.conv({ x: v.x!, weight: v.weight!, pad_type: "same_lower" }),
        /ios16/,
        "ios15",
      );
    });
  });
});
