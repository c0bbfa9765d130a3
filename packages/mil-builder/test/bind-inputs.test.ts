import { describe, expect, it } from "vitest";
import { buildProgram, type DType, parse, ShapeError, scalar, tensor } from "../src/index.js";

describe("written defaults", () => {
  const norm = (dtype: DType, epsilon: number) => () =>
    buildProgram({ opset: "ios16" }, (f) => ({
      y: f.l2_norm({
        x: f.input("x", tensor("fp16", [2, 2, 2])),
        epsilon: f.constant("epsilon", scalar(dtype), epsilon),
      }),
    }));

  it("may be fp32 for x of fp16, as coremltools writes them", () => {
    expect(norm("fp32", 1e-6)).not.toThrow();
  });

  it("have the dtype of x where they are not the default", () => {
    expect(norm("fp32", 1e-5)).toThrow(ShapeError);
    expect(norm("fp16", 1e-5)).not.toThrow();
  });
});

describe("literals without a tensor beside them", () => {
  it("are fp32, or bool", () => {
    const program = buildProgram({}, (f) => ({
      numbers: f.fill({ shape: [2], value: 3 }),
      flags: f.fill({ shape: [2], value: true }),
    }));
    const types = program.functions[0]!.outputs.map(({ type }) => type);
    expect(types).toEqual([tensor("fp32", [2]), tensor("bool", [2])]);
  });
});

describe("parameters that must be constant", () => {
  const text = (weight: string) => `program(1.3) {
    func main<ios16>(tensor<fp16, [1, 2]> x, tensor<fp16, [3, 2]> w) {
      ${weight}
      tensor<fp16, [1, 3]> y = linear(weight = k, x = x);
    } -> (y);
  }`;

  it("take const and constexpr results, and nothing else", () => {
    const table = `tensor<fp16, [3, 2]> k = constexpr_affine_dequantize()[axis = int32(0),
      quantized_data = tensor<int8, [3, 2]>([[1, 2], [3, 4], [5, 6]]), scale = fp16(0.5), zero_point = int8(0)];`;
    expect(() => parse(text(table))).not.toThrow();
    expect(() => parse(text("tensor<fp16, [3, 2]> k = relu(x = w);"))).toThrow(/compile-time/);
  });
});
