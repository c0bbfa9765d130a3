import { describe, expect, it } from "vitest";
import { buildProgram, type FunctionBuilder, tensor, type Value } from "../../src/index.js";
import { counting, expectShapeError, runOne } from "./run-op.js";

function typeOf(body: (f: FunctionBuilder) => Value) {
  return buildProgram({}, (f) => ({ out: body(f) })).functions[0]!.outputs[0]!.type;
}

describe("random numbers", () => {
  it("have the dtype of their parameters, fp32 without any", () => {
    expect(typeOf((f) => f.random_normal({ shape: [2, 3] }))).toEqual(tensor("fp32", [2, 3]));
    expect(typeOf((f) => f.random_bernoulli({ shape: [2], prob: 0.25 }))).toEqual(
      tensor("fp32", [2]),
    );
    const half = (f: FunctionBuilder) => f.constant("low", tensor("fp16", []), -1);
    expect(typeOf((f) => f.random_uniform({ shape: [2], low: half(f), high: 3 }))).toEqual(
      tensor("fp16", [2]),
    );
  });

  it("random_categorical draws along the last dim", () => {
    expect(
      typeOf((f) => f.random_categorical({ x: f.input("x", tensor("fp16", [2, 9])), size: 3 })),
    ).toEqual(tensor("fp16", [2, 3]));
  });

  it("have unknown dims if the shape is computed", () => {
    const type = typeOf((f) => f.random_normal({ shape: f.input("shape", tensor("int32", [2])) }));
    expect(type).toEqual({ kind: "tensor", dtype: "fp32", shape: [Number.NaN, Number.NaN] });
  });

  it("need parameters of one dtype", () => {
    expectShapeError(
      {},
      (f) => {
        const low = f.constant("low", tensor("fp16", []), 0);
        const high = f.constant("high", tensor("fp32", []), 5);
        return f.random_uniform({ shape: [1], low, high });
      },
      /one dtype/,
    );
  });

  it("are not computed", () => {
    const x = counting("fp16", [2, 3]);
    expect(() => runOne({ x }, (f, v) => f.random_categorical(v))).toThrow(/not specified/);
  });
});
