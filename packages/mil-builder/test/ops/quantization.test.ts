import { describe, expect, it } from "vitest";
import { tensor } from "../../src/index.js";
import { counting, expectShapeError, given, runOne } from "./run-op.js";

describe("quantize", () => {
  it("rounds half to even, shifts and clips", () => {
    const x = given("fp32", [6], [0.5, 1.5, -0.5, 100, -100, 3]);
    const result = runOne({ x }, (f, v) =>
      f.quantize({
        input: v.x,
        scale: f.constant("scale", tensor("fp32", []), 1),
        zero_point: f.constant("zero", tensor("int8", []), 100),
        output_dtype: "int8",
      }),
    );
    expect(result).toEqual({
      dtype: "int8",
      shape: [6],
      data: [100, 102, 100, 127, 0, 103],
    });
  });

  it("has scales along an axis", () => {
    const x = given("fp32", [2, 2], [1, 1, 2, 2]);
    const result = runOne({ x }, (f, v) =>
      f.quantize({
        input: v.x,
        scale: f.constant("scale", tensor("fp32", [2]), [1, 0.5]),
        axis: -1,
        output_dtype: "uint8",
      }),
    );
    expect(result).toEqual({ dtype: "uint8", shape: [2, 2], data: [1, 2, 2, 4] });
  });

  it("refuses an axis without vectors, vectors without an axis, and other lengths", () => {
    const x = counting("fp32", [2, 3]);
    const scales = (count: number) => new Array<number>(count).fill(1);
    expectShapeError(
      { x },
      (f, v) =>
        f.quantize({
          input: v.x!,
          scale: f.constant("scale", tensor("fp32", []), 1),
          axis: 0,
          output_dtype: "int8",
        }),
      /"axis" goes with a vector/,
    );
    expectShapeError(
      { x },
      (f, v) =>
        f.quantize({
          input: v.x!,
          scale: f.constant("scale", tensor("fp32", [3]), scales(3)),
          output_dtype: "int8",
        }),
      /needs an "axis"/,
    );
    expectShapeError(
      { x },
      (f, v) =>
        f.quantize({
          input: v.x!,
          scale: f.constant("scale", tensor("fp32", [3]), scales(3)),
          axis: 0,
          output_dtype: "int8",
        }),
      /one entry per index of dim 0/,
    );
  });

  it("refuses a zero point of another dtype than the output, and opsets before ios17", () => {
    const x = counting("fp32", [2]);
    expectShapeError(
      { x },
      (f, v) =>
        f.quantize({
          input: v.x!,
          scale: f.constant("scale", tensor("fp32", []), 1),
          zero_point: f.constant("zero", tensor("uint8", []), 1),
          output_dtype: "int8",
        }),
      /"zero_point" must have the output dtype/,
    );
    expectShapeError(
      { x },
      (f, v) =>
        f.quantize({
          input: v.x!,
          scale: f.constant("scale", tensor("fp32", []), 1),
          output_dtype: "int8",
        }),
      /must exist in the function's opset/,
      "ios16",
    );
  });
});

describe("dequantize", () => {
  it("shifts and scales, into the dtype of scale", () => {
    const q = given("uint8", [2, 2], [0, 10, 0, 255]);
    const result = runOne({ q }, (f, v) =>
      f.dequantize({
        input: v.q,
        scale: f.constant("scale", tensor("fp16", [2]), [0.5, 2]),
        zero_point: f.constant("zero", tensor("uint8", [2]), [10, 250]),
        axis: 0,
      }),
    );
    expect(result).toEqual({ dtype: "fp16", shape: [2, 2], data: [-5, 0, -500, 10] });
  });
});
