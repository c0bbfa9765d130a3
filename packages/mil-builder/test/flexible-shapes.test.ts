/** Programs whose inputs have unknown dims: what type inference can say, and what the interpreter makes of actual shapes. */
import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  buildProgram,
  interpret,
  tensor,
  UNKNOWN_DIM,
  type Value,
} from "../src/index.js";

const UNKNOWN = expect.toSatisfy(Number.isNaN);

function run(program: ReturnType<typeof buildProgram>, shape: readonly number[]) {
  const count = shape.reduce((product, dim) => product * dim, 1);
  const x = { type: tensor("fp32", shape), data: [...Array(count).keys()] };
  return interpret(program, { x }, { numerics: "fp32" });
}

describe("unknown dims", () => {
  const program = buildProgram({}, (f) => {
    const x = f.input("x", tensor("fp32", [UNKNOWN_DIM, 4]));
    const weight = f.constant("w", tensor("fp32", [2, 4]), [1, 0, 0, 0, 0, 0, 0, 1]);
    const ends = f.linear({ x, weight });
    return { ends, sums: f.reduce_sum({ x: ends, axes: [0] }), soft: f.softmax({ x, axis: 0 }) };
  });

  it("pass through the ops that keep them, and end where they are reduced", () => {
    const [ends, sums, soft] = program.functions[0]!.outputs.map(({ type }) => type);
    expect(ends).toMatchObject({ shape: [UNKNOWN, 2] });
    expect(sums).toEqual(tensor("fp32", [2]));
    expect(soft).toMatchObject({ shape: [UNKNOWN, 4] });
  });

  it("are those of the input when the program runs", () => {
    for (const rows of [1, 3]) {
      const { ends, sums, soft } = run(program, [rows, 4]);
      expect(ends!.type).toEqual(tensor("fp32", [rows, 2]));
      expect(soft!.type).toEqual(tensor("fp32", [rows, 4]));
      expect(sums!.data[1]! - sums!.data[0]!).toBe(3 * rows);
    }
  });

  it("do not let the known ones differ", () => {
    expect(() => run(program, [3, 5])).toThrow(ArgumentError);
  });

  it("broadcast to what the other operand knows", () => {
    const type = (other: readonly number[]) => {
      const sum = (x: Value, y: Value) =>
        buildProgram({}, (f) => ({
          z: f.add({ x: f.input("x", x.type), y: f.input("y", y.type) }),
        }));
      const x = { name: "x", type: tensor("fp32", [UNKNOWN_DIM]) };
      return sum(x, { name: "y", type: tensor("fp32", other) }).functions[0]!.outputs[0]!.type;
    };
    expect(type([5])).toEqual(tensor("fp32", [5]));
    expect(type([1])).toMatchObject({ shape: [UNKNOWN] });
  });

  it("are worked out from computed shapes", () => {
    const flat = buildProgram({}, (f) => {
      const x = f.input("x", tensor("fp32", [UNKNOWN_DIM, 4]));
      const all = f.reduce_prod({ x: f.shape({ x }), keep_dims: true });
      return { y: f.reshape({ x, shape: all }) };
    });
    expect(flat.functions[0]!.outputs[0]!.type).toMatchObject({ shape: [UNKNOWN] });
    expect(run(flat, [2, 4]).y!.type).toEqual(tensor("fp32", [8]));
  });

  it("are worked out from elements where the op demands it", () => {
    const found = buildProgram({}, (f) => {
      const x = f.input("x", tensor("fp32", [UNKNOWN_DIM, 4]));
      return { y: f.non_zero({ x }) };
    });
    expect(run(found, [1, 4]).y!.type).toEqual(tensor("int32", [3, 2]));
  });
});
