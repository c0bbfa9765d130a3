import { describe, expect, it } from "vitest";
import {
  buildProgram,
  type FunctionBuilder,
  interpret,
  type Opset,
  tensor,
  type Value,
} from "../../src/index.js";

/** Values of constants that `body` makes. */
function expand(
  body: (f: FunctionBuilder) => readonly Value[],
  opset: Opset = "ios18",
): readonly (readonly number[])[] {
  const program = buildProgram({ opset }, body);
  const values = interpret(program, {}, { numerics: "fp16" });
  return program.functions[0]!.outputs.map(({ name }) => [...values[name]!.data]);
}

describe("constexpr ops of ios16", () => {
  it("affine_dequantize scales along an axis", () => {
    const [data] = expand(
      (f) => [
        f.constexpr_affine_dequantize({
          quantized_data: f.constant("q", tensor("int8", [2, 2]), [1, 2, 3, 4]),
          zero_point: f.constant("z", tensor("int8", [2]), [0, 1]),
          scale: f.constant("s", tensor("fp16", [2]), [0.5, 10]),
          axis: 0,
        }),
      ],
      "ios16",
    );
    expect(data).toEqual([0.5, 1, 20, 30]);
  });

  it("lut_to_dense reads indices from packed bits, lowest first", () => {
    // 2 bits each: 3, 2, 1, 0 and 3.
    const [data] = expand(
      (f) => [
        f.constexpr_lut_to_dense({
          indices: f.constant("i", tensor("uint8", [2]), [0b00011011, 0b11]),
          lut: f.constant("lut", tensor("fp16", [4]), [10, 11, 12, 13]),
          shape: [5],
        }),
      ],
      "ios17",
    );
    expect(data).toEqual([13, 12, 11, 10, 13]);
  });

  it("sparse_to_dense fills the elements that the mask names", () => {
    const [data] = expand(
      (f) => [
        f.constexpr_sparse_to_dense({
          nonzero_data: f.constant("nz", tensor("fp16", [3]), [7, 8, 9]),
          mask: f.constant("mask", tensor("uint8", [2]), [0b10000010, 0b1]),
          shape: [3, 3],
        }),
      ],
      "ios17",
    );
    expect(data).toEqual([0, 7, 0, 0, 0, 0, 0, 8, 9]);
  });

  it("cast widens fp16", () => {
    const [data] = expand((f) => [
      f.constexpr_cast({
        source_val: f.constant("h", tensor("fp16", [2]), [0.1, 2]),
        output_dtype: "fp32",
      }),
    ]);
    expect(data).toEqual([0.0999755859375, 2]);
  });

  it("are written with their constants in brackets, and no const ops", () => {
    const build = (opset: Opset) =>
      buildProgram({ opset }, (f) => [
        f.constexpr_cast({
          source_val: f.constant("h", tensor("fp16", [1]), [1]),
          output_dtype: "fp32",
        }),
      ]).functions[0]!.operations;
    const [old, ...others] = build("ios16");
    expect(others).toEqual([]);
    expect(old!.inputs).toEqual({});
    expect(Object.keys(old!.attributes)).toEqual(["output_dtype", "source_val", "name"]);
    const [young] = build("ios18");
    expect(Object.values(young!.inputs).map(({ kind }) => kind)).toEqual(["literal", "literal"]);
    expect(Object.keys(young!.attributes)).toEqual(["name"]);
  });

  it("keep a const that something else refers to", () => {
    const { operations } = buildProgram({ opset: "ios16" }, (f) => {
      const source_val = f.constant("h", tensor("fp16", [1]), [1]);
      const wide = f.constexpr_cast({ source_val, output_dtype: "fp32" });
      return [wide, f.relu({ x: source_val })];
    }).functions[0]!;
    expect(operations.map(({ type }) => type)).toEqual(["const", "constexpr_cast", "relu"]);
  });

  it("refuse packed data of the wrong length", () => {
    const build = () =>
      expand(
        (f) => [
          f.constexpr_lut_to_dense({
            indices: f.constant("i", tensor("uint8", [1]), [0]),
            lut: f.constant("lut", tensor("fp16", [4]), [10, 11, 12, 13]),
            shape: [5],
          }),
        ],
        "ios16",
      );
    expect(build).toThrow(/"indices" must hold 10 packed bits/);
  });
});

describe("constexpr ops of ios18", () => {
  it("blockwise_shift_scale has a scale and offset per block", () => {
    const [data] = expand((f) => [
      f.constexpr_blockwise_shift_scale({
        data: f.constant("d", tensor("int4", [2, 4]), [1, 2, 3, 4, 5, 6, 7, -8]),
        scale: f.constant("s", tensor("fp16", [1, 2]), [1, 10]),
        offset: f.constant("o", tensor("int4", [1, 2]), [1, 0]),
      }),
    ]);
    expect(data).toEqual([0, 1, 30, 40, 4, 5, 70, -80]);
  });

  it("lut_to_dense has a table per group", () => {
    const [data] = expand((f) => [
      f.constexpr_lut_to_dense({
        indices: f.constant("i", tensor("uint2", [6, 2]), [2, 3, 3, 0, 1, 0, 3, 0, 2, 1, 0, 3]),
        lut: f.constant("lut", tensor("fp16", [2, 1, 4, 1]), [1, 5, 9, 13, 2, 10, 18, 26]),
      }),
    ]);
    expect(data).toEqual([9, 13, 13, 1, 5, 1, 26, 2, 18, 10, 2, 26]);
  });

  it("lut_to_dense lays vectors out along an axis", () => {
    const vectors = (vector_axis: number) =>
      expand((f) => [
        f.constexpr_lut_to_dense({
          indices: f.constant("i", tensor("uint1", [2, 2]), [0, 1, 1, 0]),
          lut: f.constant("lut", tensor("int8", [1, 1, 2, 3]), [1, 2, 3, 4, 5, 6]),
          vector_axis,
        }),
      ])[0];
    expect(vectors(1)).toEqual([1, 2, 3, 4, 5, 6, 4, 5, 6, 1, 2, 3]);
    expect(vectors(-2)).toEqual([1, 4, 2, 5, 3, 6, 4, 1, 5, 2, 6, 3]);
  });

  it("sparse ops hand mask and elements on to sparse_to_dense", () => {
    const [mask, nonzero, dense] = expand((f) => {
      const [outMask, elements] = f.constexpr_sparse_blockwise_shift_scale({
        data_mask: f.constant("m", tensor("uint1", [2, 2]), [1, 0, 1, 1]),
        nonzero_data: f.constant("d", tensor("int8", [3]), [10, 11, 3]),
        scale: f.constant("s", tensor("fp16", [1, 2]), [0.5, 2]),
        offset: f.constant("o", tensor("int8", [1, 2]), [0, 1]),
      });
      const result = f.constexpr_sparse_to_dense({ mask: outMask!, nonzero_data: elements! });
      return [outMask!, elements!, result];
    });
    expect(mask).toEqual([1, 0, 1, 1]);
    expect(nonzero).toEqual([5, 5.5, 4]);
    expect(dense).toEqual([5, 0, 5.5, 4]);
  });

  it("lut_to_sparse expands mask and elements by vectors", () => {
    const [mask, nonzero] = expand((f) =>
      f.constexpr_lut_to_sparse({
        indices_mask: f.constant("m", tensor("uint1", [2, 3]), [1, 0, 1, 0, 1, 0]),
        indices_nonzero_data: f.constant("i", tensor("uint1", [3]), [0, 1, 1]),
        lut: f.constant("lut", tensor("fp16", [1, 1, 2, 2]), [2, 20, 3, 30]),
        vector_axis: 0,
      }),
    );
    expect(mask).toEqual([1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1, 0]);
    expect(nonzero).toEqual([2, 3, 20, 30, 3, 30]);
  });

  it("refuse tables and blocks that do not fit", () => {
    expect(() =>
      expand((f) => [
        f.constexpr_blockwise_shift_scale({
          data: f.constant("d", tensor("int8", [3]), [1, 2, 3]),
          scale: f.constant("s", tensor("fp16", [2]), [1, 1]),
        }),
      ]),
    ).toThrow(/"scale" must have the rank/);
    expect(() =>
      expand((f) => [
        f.constexpr_lut_to_dense({
          indices: f.constant("i", tensor("uint2", [2]), [0, 1]),
          lut: f.constant("lut", tensor("fp16", [1, 2, 1]), [1, 2]),
        }),
      ]),
    ).toThrow(/an entry per value of uint2/);
    expect(() =>
      expand((f) => [
        f.constexpr_sparse_to_dense({
          nonzero_data: f.constant("nz", tensor("fp16", [2]), [1, 2]),
          mask: f.constant("m", tensor("uint1", [2]), [0, 1]),
        }),
      ]),
    ).toThrow(/one nonzero element per one/);
  });
});
