import { describe, expect, it } from "vitest";
import { tensor } from "../../src/index.js";
import { counting, expectShapeError, given, runOne } from "./run-op.js";

describe("conv_transpose", () => {
  const x = given("fp32", [1, 1, 2], [1, 10]);
  const weight = given("fp32", [1, 1, 3], [1, 2, 3]);

  it("spreads each element over the output", () => {
    expect(runOne({ x, weight }, (f, v) => f.conv_transpose(v))).toEqual({
      dtype: "fp32",
      shape: [1, 1, 4],
      data: [1, 12, 23, 30],
    });
  });

  it("strides, dilates and adds the bias", () => {
    const bias = given("fp32", [1], [100]);
    const result = runOne({ x, weight, bias }, (f, v) =>
      f.conv_transpose({ ...v, strides: [2], dilations: [2] }),
    );
    expect(result.data).toEqual([101, 100, 112, 100, 123, 100, 130]);
  });

  it("cuts off the padding", () => {
    const result = runOne({ x, weight }, (f, v) =>
      f.conv_transpose({ ...v, pad_type: "custom", pad: [1, 2] }),
    );
    expect(result.data).toEqual([12]);
  });

  it("same gives dim times stride", () => {
    const result = runOne({ x, weight }, (f, v) =>
      f.conv_transpose({ ...v, pad_type: "same", strides: [2] }),
    );
    expect(result.shape).toEqual([1, 1, 4]);
    expect(result.data).toEqual([1, 2, 13, 20]);
  });

  it("takes an output shape, which may be longer than the full result", () => {
    const result = runOne({ x, weight }, (f, v) =>
      f.conv_transpose({ ...v, output_shape: [1, 1, 5] }),
    );
    expect(result.data).toEqual([1, 12, 23, 30, 0]);
  });

  it("keeps groups apart", () => {
    const pair = given("fp32", [1, 2, 1], [1, 10]);
    const kernels = given("fp32", [2, 2, 1], [1, 2, 3, 4]);
    const result = runOne({ x: pair, weight: kernels }, (f, v) =>
      f.conv_transpose({ ...v, groups: 2 }),
    );
    expect(result).toEqual({ dtype: "fp32", shape: [1, 4, 1], data: [1, 2, 30, 40] });
  });

  it("is the adjoint of conv: ⟨conv(a), b⟩ = ⟨a, conv_transpose(b)⟩", () => {
    const a = counting("fp32", [1, 2, 7, 6]);
    const b = counting("fp32", [1, 3, 4, 2]);
    const kernel = counting("fp32", [3, 2, 3, 2]);
    const geometry = { strides: [2, 3], pad_type: "custom", pad: [1, 1, 0, 1] } as const;
    const forward = runOne({ a, kernel }, (f, v) =>
      f.conv({ x: v.a, weight: v.kernel, ...geometry }),
    );
    expect(forward.shape).toEqual(b.type.shape);
    const back = runOne({ b, kernel }, (f, v) =>
      f.conv_transpose({ x: v.b, weight: v.kernel, output_shape: [1, 2, 7, 6], ...geometry }),
    );
    const dot = (left: ArrayLike<number>, right: ArrayLike<number>) =>
      Array.from(left).reduce((sum, value, i) => sum + value * right[i]!, 0);
    expect(dot(forward.data, b.data)).toBe(dot(a.data, back.data));
  });

  it("refuses a weight that does not fit, and one that is computed before ios17", () => {
    const wrong = counting("fp32", [2, 1, 3]);
    expectShapeError(
      { x, wrong },
      (f, v) => f.conv_transpose({ x: v.x!, weight: v.wrong! }),
      /weight dim 0/,
    );
    expectShapeError(
      { x, weight },
      (f, v) => f.conv_transpose({ x: v.x!, weight: v.weight! }),
      /"weight" must be a compile-time constant/,
      "ios16",
    );
    expectShapeError(
      { x },
      (f, v) =>
        f.conv_transpose({
          x: v.x!,
          weight: f.constant("w", tensor("fp32", [1, 1, 1]), 1),
          pad_type: "custom",
          pad: [1, 1],
        }),
      /padding must leave/,
    );
  });
});
