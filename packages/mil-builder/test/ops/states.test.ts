import { describe, expect, it } from "vitest";
import { buildProgram, interpret, ShapeError, tensor } from "../../src/index.js";

const held = tensor("fp16", [2]);

describe("states", () => {
  const program = buildProgram({}, (f) => {
    const x = f.input("x", held);
    const total = f.input("total", { kind: "state", wrapped: held });
    const sum = f.add({ x, y: f.read_state({ input: total }) });
    f.write_state({ input: total, data: sum });
    return { sum };
  });
  const run = (x: readonly number[], total?: readonly number[]) => {
    const state = total === undefined ? {} : { total: { type: held, data: total } };
    const values = interpret(
      program,
      { x: { type: held, data: x }, ...state },
      { numerics: "fp16" },
    );
    return [[...values.sum!.data], [...values.total!.data]];
  };

  it("begin with zeros and come back as the run leaves them", () => {
    expect(run([1, 2])).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it("go on from what the caller passes", () => {
    expect(run([1, 2], [10, 20])).toEqual([
      [11, 22],
      [11, 22],
    ]);
  });

  it("are not written by results", () => {
    const operation = program.functions[0]!.operations.find(({ type }) => type === "write_state");
    expect(operation!.outputs).toEqual([]);
  });

  it("refuse data of another type, and opsets before ios18", () => {
    const build = (opset: "ios17" | "ios18", shape: readonly number[]) => () =>
      buildProgram({ opset }, (f) => {
        const x = f.input("x", tensor("fp16", shape));
        const state = f.input("total", { kind: "state", wrapped: held });
        f.write_state({ input: state, data: x });
        return { y: f.relu({ x }) };
      });
    expect(build("ios18", [2])).not.toThrow();
    expect(build("ios18", [3])).toThrow(ShapeError);
    expect(build("ios17", [2])).toThrow(/opset/);
  });
});
