import { describe, expect, it } from "vitest";
import { ArgumentError, buildProgram, interpret, tensor } from "../../src/index.js";

describe("lists", () => {
  const program = buildProgram({}, (f) => {
    const x = f.input("x", tensor("fp32", [3, 2]));
    const empty = f.make_list({ init_length: 3, dynamic_length: false, elem_shape: [2] });
    const indices = f.constant("indices", tensor("int32", [3]), [0, 1, 2]);
    const filled = f.list_scatter({ ls: empty, indices, value: x });
    const first = f.list_read({ ls: filled, index: f.constant("i", tensor("int32", []), 0) });
    const written = f.list_write({
      ls: filled,
      index: f.constant("j", tensor("int32", []), 1),
      value: first,
    });
    return {
      gathered: f.list_gather({ ls: written, indices }),
      count: f.list_length({ ls: written }),
    };
  });

  it("have types of their own", () => {
    const types = program.functions[0]!.operations.map(({ outputs }) => outputs[0]!.type);
    expect(types).toContainEqual({ kind: "list", element: tensor("fp32", [2]), length: 3 });
    const [gathered, count] = program.functions[0]!.outputs;
    expect(gathered!.type).toEqual(tensor("fp32", [3, 2]));
    expect(count!.type).toEqual(tensor("int32", []));
  });

  it("have an unknown length and unknown dims where the program says so", () => {
    const { operations } = buildProgram({}, (f) => {
      const list = f.make_list({ elem_shape: ["n", 2], dtype: "fp16" });
      return { count: f.list_length({ ls: list }) };
    }).functions[0]!;
    const list = operations.find(({ type }) => type === "make_list")!;
    expect(list.outputs[0]!.type).toEqual({
      kind: "list",
      element: { kind: "tensor", dtype: "fp16", shape: [Number.NaN, 2] },
      length: Number.NaN,
    });
  });

  it("refuse elements of another type", () => {
    const build = () =>
      buildProgram({}, (f) => {
        const ls = f.make_list({ elem_shape: [2] });
        const index = f.constant("i", tensor("int32", []), 0);
        const value = f.input("x", tensor("fp32", [3]));
        return { count: f.list_length({ ls: f.list_write({ ls, index, value }) }) };
      });
    expect(build).toThrow(/"value" must have the type of the list's elements/);
  });

  it("are not computed", () => {
    const x = { type: tensor("fp32", [3, 2]), data: [1, 2, 3, 4, 5, 6] };
    expect(() => interpret(program, { x }, { numerics: "fp32" })).toThrow(ArgumentError);
  });
});
