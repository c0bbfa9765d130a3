/**
 * The static side of the builder: each `@ts-expect-error` is a compile error if the line below it compiles. At run time the
 * same mistakes must be refused too.
 */
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  buildProgram,
  type FunctionBuilder,
  type ListType,
  ShapeError,
  type StateType,
  tensor,
  type Value,
} from "../src/index.js";

const X = tensor("fp32", [2, 2]);

function refused(body: (f: FunctionBuilder, x: Value) => unknown): void {
  buildProgram({}, (f) => {
    const x = f.input("x", X);
    expect(() => body(f, x)).toThrow();
    return [f.relu({ x })];
  });
}

describe("types of builder methods", () => {
  it("know the parameters of each op", () => {
    // @ts-expect-error there is no parameter z
    refused((f, x) => f.add({ x, z: x }));
    // @ts-expect-error y is required
    refused((f, x) => f.add({ x }));
    // @ts-expect-error MIL's name is transpose_x
    refused((f, x) => f.matmul({ x, y: x, transposeX: true }));
    // @ts-expect-error there is no such op
    refused((f, x) => f.negate({ x }));
  });

  it("know the kind of each parameter", () => {
    // @ts-expect-error transpose_x is a boolean
    refused((f, x) => f.matmul({ x, y: x, transpose_x: 1 }));
    // @ts-expect-error axis is one integer
    refused((f, x) => f.softmax({ x, axis: [1] }));
    // @ts-expect-error axes is a list
    refused((f, x) => f.reduce_sum({ x, axes: 1 }));
    // @ts-expect-error the mode is one of three
    refused((f, x) => f.gelu({ x, mode: "FAST" }));
    // @ts-expect-error dtype is one of those that cast knows
    refused((f, x) => f.cast({ x, dtype: "fp64" }));
    // @ts-expect-error values is a tuple of values
    refused((f, x) => f.concat({ values: [x, 1], axis: 0 }));
    // @ts-expect-error a condition is not a number
    refused((f, x) => f.select({ cond: 1, a: x, b: x }));
  });

  it("know values that are not tensors", () => {
    buildProgram({}, (f) => {
      const x = f.input("x", tensor("fp16", [2]));
      const kept = f.input("kept", { kind: "state", wrapped: tensor("fp16", [2]) });
      expectTypeOf(kept).toExtend<Value<StateType>>();
      expectTypeOf(f.read_state({ input: kept })).toEqualTypeOf<Value>();
      const list = f.make_list({ elem_shape: [2], dtype: "fp16" });
      expectTypeOf(list).toEqualTypeOf<Value<ListType>>();
      // @ts-expect-error a state is not a tensor
      expect(() => f.relu({ x: kept })).toThrow(ShapeError);
      // @ts-expect-error a tensor is not a state
      expect(() => f.read_state({ input: x })).toThrow(ShapeError);
      // @ts-expect-error a tensor is not a list
      expect(() => f.list_length({ ls: x })).toThrow(ShapeError);
      return { count: f.list_length({ ls: list }) };
    });
  });

  it("know all forms of an op that an opset redefined", () => {
    type Table = Parameters<FunctionBuilder["constexpr_lut_to_dense"]>[0];
    type Packed = { indices: Value; lut: Value; shape: readonly number[] };
    type Grouped = { indices: Value; lut: Value; vector_axis: number };
    expectTypeOf<Packed>().toExtend<Table>();
    expectTypeOf<Grouped>().toExtend<Table>();
    expectTypeOf<{ indices: Value }>().not.toExtend<Table>();
  });

  it("keep the types of loop variables", () => {
    buildProgram({}, (f) => {
      const x = f.input("x", X);
      const ls = f.make_list({ elem_shape: [2, 2] });
      const [y, rest] = f.while_loop({
        loop_vars: [x, ls],
        condition: (value) => f.less({ x: f.reduce_sum({ x: value }), y: 3 }),
        body: (value, list) => [f.add({ x: value, y: 1 }), list],
      });
      expectTypeOf(y).toEqualTypeOf<Value>();
      expectTypeOf(rest).toEqualTypeOf<Value<ListType>>();
      expect(() =>
        // @ts-expect-error the condition gives one value
        f.while_loop({ loop_vars: [x], condition: () => true, body: (value) => [value] }),
      ).toThrow();
      return { y };
    });
  });

  it("return one value, or a list for ops with several results", () => {
    buildProgram({}, (f) => {
      const x = f.input("x", X);
      const y = f.relu({ x });
      const parts = f.split({ x, num_splits: 2, axis: 0 });
      expectTypeOf(y).toEqualTypeOf<Value>();
      expectTypeOf(parts).toEqualTypeOf<readonly Value[]>();
      return { y, z: parts[0]! };
    });
  });

  it("take values and literals alike", () => {
    type Softmax = Parameters<FunctionBuilder["softmax"]>[0];
    expectTypeOf<Softmax["axis"]>().toEqualTypeOf<number | Value | undefined>();
    expectTypeOf<Softmax["x"]>().toEqualTypeOf<number | Value>();
    type Reshape = Parameters<FunctionBuilder["reshape"]>[0];
    expectTypeOf<Reshape["shape"]>().toEqualTypeOf<readonly number[] | Value>();
  });
});
