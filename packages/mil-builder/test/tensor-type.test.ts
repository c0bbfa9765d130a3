import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  byteSize,
  type DType,
  opDefinition,
  ShapeError,
  sameType,
  scalar,
  staticTypeOf,
  tensor,
  tensorTypeOf,
  UNKNOWN_DIM,
  type ValueType,
} from "../src/index.js";
import { compatibleTypes, formatType } from "../src/tensor-type.js";

describe("tensor types", () => {
  it("have positive integer dims", () => {
    expect(tensor("fp16", [1, 8])).toEqual({ kind: "tensor", dtype: "fp16", shape: [1, 8] });
    for (const dim of [0, -1, 1.5, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(() => tensor("fp16", [dim])).toThrow(ShapeError);
    }
  });

  it("are equal by dtype and shape; a scalar is not a vector of one", () => {
    expect(sameType(tensor("fp16", [2, 3]), tensor("fp16", [2, 3]))).toBe(true);
    expect(sameType(tensor("fp16", [2, 3]), tensor("fp32", [2, 3]))).toBe(false);
    expect(sameType(tensor("fp16", [2, 3]), tensor("fp16", [3, 2]))).toBe(false);
    expect(sameType(tensor("fp16", [1]), scalar("fp16"))).toBe(false);
    expect(sameType(tensor("fp16", []), scalar("fp16"))).toBe(true);
  });

  it.each<[DType, readonly number[], number]>([
    ["fp16", [2, 3], 12],
    ["fp32", [], 4],
    ["int4", [3], 2],
    ["uint3", [9], 4],
    ["uint1", [8], 1],
    ["bool", [5], 5],
    ["int64", [2], 16],
  ])("%s %j takes %d bytes", (dtype, shape, bytes) => {
    expect(byteSize(tensor(dtype, shape))).toBe(bytes);
  });
});

describe("types of all kinds", () => {
  const half = scalar("fp16");
  const open = tensor("fp16", [1, UNKNOWN_DIM]);
  const fixed = tensor("fp16", [1, 8]);
  const types: readonly ValueType[] = [
    ...[half, open, fixed],
    { kind: "list", element: fixed, length: 3 },
    { kind: "list", element: fixed, length: UNKNOWN_DIM },
    { kind: "list", element: open, length: 3 },
    { kind: "tuple", elements: [half] },
    { kind: "tuple", elements: [half, open] },
    { kind: "dictionary", key: half, value: open },
    { kind: "dictionary", key: open, value: half },
    { kind: "state", wrapped: fixed },
    { kind: "state", wrapped: half },
    { kind: "tensor_buffer", dtype: "fp16", shape: [2], strides: [1], interleaveFactors: [1] },
    { kind: "tensor_buffer", dtype: "fp16", shape: [2], strides: [2], interleaveFactors: [1] },
  ];

  it("are equal to themselves alone, and spelled differently", () => {
    types.forEach((type, index) => {
      const equal = types.map((other) => sameType(type, structuredClone(other)));
      expect(equal.indexOf(true)).toBe(index);
      expect(equal.lastIndexOf(true)).toBe(index);
    });
    expect(new Set(types.map(formatType)).size).toBe(types.length);
  });

  it("are compatible if no known dim contradicts another", () => {
    expect(compatibleTypes(open, fixed)).toBe(true);
    expect(compatibleTypes(fixed, open)).toBe(true);
    expect(compatibleTypes(open, tensor("fp16", [2, 8]))).toBe(false);
    expect(compatibleTypes(open, half)).toBe(false);
    expect(compatibleTypes(types[3]!, types[4]!)).toBe(true);
    expect(compatibleTypes(types[3]!, types[5]!)).toBe(true);
    expect(compatibleTypes(types[3]!, types[6]!)).toBe(false);
  });

  it("are narrowed to tensors, and to tensors of known shape", () => {
    expect(tensorTypeOf({ name: "x", type: open })).toBe(open);
    expect(staticTypeOf({ name: "x", type: fixed })).toBe(fixed);
    expect(() => staticTypeOf({ name: "x", type: open })).toThrow(
      /"x".*got tensor<fp16, \[1, \?\]>/,
    );
    expect(() => tensorTypeOf({ name: "kv", type: types[10]! })).toThrow(ArgumentError);
  });
});

describe("opDefinition", () => {
  it("finds ops by their MIL names, and nothing else", () => {
    expect(opDefinition("conv")).toMatchObject({ type: "conv", since: "ios15" });
    expect(opDefinition("const")).toMatchObject({ inAttributes: true });
    expect(opDefinition("constructor")).toBeUndefined();
    expect(opDefinition("expandDims")).toBeUndefined();
  });
});
