import { describe, expect, it } from "vitest";
import { grad } from "../../src/autodiff/index.js";
import { buildProgram, tensor } from "../../src/index.js";
import { gradientsAt } from "./finite-differences.js";

describe("quantize and dequantize, straight through", () => {
  const data = [-9, -3.9, 0.3, 2.6, 31.7, 32.1];

  it("give the cotangent inside the range and nothing outside", () => {
    const { x, scale } = gradientsAt(
      (f, v) => {
        const input = f.quantize({ input: v.x, scale: v.scale, output_dtype: "int8" });
        return f.dequantize({ input, scale: v.scale });
      },
      {
        x: { shape: [6], data: [-40, -31.7, 0.3, 2.6, 31.7, 32.1] },
        scale: { shape: [], data: [0.25], constant: true },
      },
    );
    expect(x).toEqual([0, 1, 1, 1, 1, 0]);
    // Learned step sizes: round(x/s) - x/s inside, the bound outside.
    const steps = [-128, -127 + 126.8, 1 - 1.2, 10 - 10.4, 127 - 126.8, 127];
    const sum = steps.reduce((a, b) => a + b);
    expect(scale![0]).toBeCloseTo(sum, 4);
  });

  it("count the zero point, and scales along an axis", () => {
    const { x } = gradientsAt(
      (f, v) => {
        const zero_point = f.constant("zero_point", tensor("uint8", [2]), [32, 0]);
        const parameters = { scale: v.scale, zero_point, axis: 0 };
        const input = f.quantize({ input: v.x, ...parameters, output_dtype: "uint8" });
        const back = f.dequantize({ input: f.reshape({ x: input, shape: [2, 3] }), ...parameters });
        return f.mul({ x: back, y: 2 });
      },
      {
        x: { shape: [2, 3], data },
        scale: { shape: [2], data: [0.25, 0.125], constant: true, fixed: true },
      },
    );
    // Steps -36, -16, 1 + 32 and 21, 254, 257 of 0..255.
    expect(x).toEqual([0, 2, 2, 2, 2, 0]);
  });

  it("pass 8-bit values by way of cast as well", () => {
    const { x } = gradientsAt(
      (f, v) => {
        const input = f.quantize({ input: v.x, scale: 0.5, output_dtype: "int8" });
        return f.mul({ x: f.cast({ x: input, dtype: "fp32" }), y: 0.5 });
      },
      { x: { shape: [2], data: [1.2, -100] } },
    );
    expect(x).toEqual([1, 0]);
  });
});

describe("compressed weights", () => {
  const program = buildProgram({ opset: "ios16" }, (f) => {
    const x = f.input("x", tensor("fp32", [2]));
    const w = f.constexpr_affine_dequantize(
      {
        quantized_data: f.constant("q", tensor("int8", [2]), [4, -6]),
        zero_point: f.constant("z", tensor("int8", []), 0),
        scale: f.constant("s", tensor("fp32", []), 0.5),
        axis: 0,
      },
      "w",
    );
    return { y: f.reduce_sum({ x: f.mul({ x, y: w }) }) };
  });

  it("are constants, with gradients of their own", () => {
    const { outputs } = grad(program, { of: "y", wrt: ["x", "w"] }).functions[0]!;
    expect(outputs.map(({ name }) => name)).toEqual(["d_x", "d_w"]);
  });
});
