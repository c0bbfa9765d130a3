import { describe, expect, it } from "vitest";
import {
  byteSize,
  type DType,
  opDefinition,
  ShapeError,
  sameType,
  scalar,
  tensor,
} from "../src/index.js";
import { BUILDER_OPS } from "../src/ops/table.js";

describe("tensor types", () => {
  it("have positive integer dims", () => {
    expect(tensor("fp16", [1, 8])).toEqual({ kind: "tensor", dtype: "fp16", shape: [1, 8] });
    for (const dim of [0, -1, 1.5, Number.NaN, 2 ** 53]) {
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

describe("opDefinition", () => {
  it("finds ops by their MIL names, and nothing else", () => {
    expect(opDefinition("conv")).toMatchObject({ type: "conv", since: "ios15" });
    expect(opDefinition("const")).toMatchObject({ inAttributes: true });
    for (const [name, { type }] of Object.entries(BUILDER_OPS)) {
      expect(type).toBe(name);
      expect(opDefinition(name)).toBe(BUILDER_OPS[name as keyof typeof BUILDER_OPS]);
    }
    expect(opDefinition("constructor")).toBeUndefined();
    expect(opDefinition("expandDims")).toBeUndefined();
  });
});
