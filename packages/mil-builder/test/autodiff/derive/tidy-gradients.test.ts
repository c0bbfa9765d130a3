/** Fewer ops for what gradients leave behind, the same results. */
import { expect, test } from "vitest";
import { tidyGradients } from "../../../src/autodiff/derive/tidy-gradients.js";
import {
  buildProgram,
  type FunctionBuilder,
  interpret,
  type Program,
  runPasses,
  tensor,
  type Value,
  verify,
} from "../../../src/index.js";
import { uniform } from "../../kernels/fixtures.js";

const SHAPE = [1, 4, 3, 8];

function program(body: (f: FunctionBuilder, a: Value, b: Value) => Value): Program {
  return buildProgram({}, (f) => {
    const [a, b] = [f.input("a", tensor("fp32", SHAPE)), f.input("b", tensor("fp32", SHAPE))];
    return { y: body(f, a, b) };
  });
}

function typesOf({ functions }: Program): string[] {
  return functions[0]!.operations.map(({ type }) => type).filter((type) => type !== "const");
}

function run(of: Program) {
  const length = SHAPE.reduce((a, b) => a * b, 1);
  const input = (seed: number) => ({ type: tensor("fp32", SHAPE), data: uniform(length, 1, seed) });
  const inputs = { a: input(1), b: input(2) };
  return interpret(of, inputs, { numerics: "float64" }).y!.data;
}

/** @param axis Of four, each with zeros before and after. */
function padded(f: FunctionBuilder, x: Value, axis: number, before: number, after: number): Value {
  const pad = new Array<number>(8).fill(0);
  [pad[2 * axis], pad[2 * axis + 1]] = [before, after];
  return f.pad({ x, pad, mode: "constant", constant_val: 0 });
}

const CASES: Readonly<Record<string, [Program, readonly string[]]>> = {
  "complementary halves are joined": [
    program((f, a, b) => f.add({ x: padded(f, a, 2, 3, 0), y: padded(f, b, 2, 0, 3) })),
    ["concat"],
  ],
  "halves that overlap are not": [
    program((f, a, b) => f.add({ x: padded(f, a, 2, 2, 1), y: padded(f, b, 2, 1, 2) })),
    ["pad", "pad", "add"],
  ],
  "halves along different axes are not": [
    program((f, a, b) => {
      const whole = f.slice_by_size({ x: padded(f, a, 2, 3, 0), begin: [0, 0, 0, 0], size: SHAPE });
      const other = f.slice_by_size({ x: padded(f, b, 1, 0, 4), begin: [0, 4, 0, 0], size: SHAPE });
      return f.add({ x: whole, y: other });
    }),
    ["pad", "slice_by_size", "pad", "slice_by_size", "add"],
  ],
  "what is added to a part is added there": [
    program((f, a, b) => {
      const part = f.slice_by_size({ x: b, begin: [0, 0, 0, 0], size: [1, 2, 3, 8] });
      return f.add({ x: f.relu({ x: a }), y: padded(f, part, 1, 1, 1) });
    }),
    ["slice_by_size", "relu", "slice_by_size", "add", "slice_by_size", "slice_by_size", "concat"],
  ],
  "what is broadcast is not taken apart": [
    program((f, a, b) => {
      const row = f.reduce_sum({ x: a, axes: [1], keep_dims: true });
      const part = f.slice_by_size({ x: b, begin: [0, 0, 0, 0], size: [1, 2, 3, 8] });
      return f.add({ x: row, y: padded(f, part, 1, 1, 1) });
    }),
    ["reduce_sum", "slice_by_size", "pad", "add"],
  ],
  "nor are halves of which one is broadcast joined": [
    program((f, a, b) => {
      const column = f.reduce_sum({ x: a, axes: [3], keep_dims: true });
      return f.add({ x: padded(f, column, 2, 3, 0), y: padded(f, b, 2, 0, 3) });
    }),
    ["reduce_sum", "pad", "pad", "add"],
  ],
  "a minus sign ends in a subtraction": [
    program((f, a, b) => {
      const negative = f.mul({ x: b, y: -1 });
      return f.add({ x: f.mul({ x: negative, y: a }), y: a });
    }),
    ["mul", "sub"],
  ],
  "a factor of -1 that broadcasts stays": [
    program((f, a, b) => {
      const minus = f.constant("minus", tensor("fp32", [1, 1, 1, 1]), [-1]);
      const row = f.reduce_sum({ x: b, axes: [1], keep_dims: true });
      return f.add({ x: a, y: f.mul({ x: minus, y: row }) });
    }),
    ["reduce_sum", "sub"],
  ],
};

test.each(Object.entries(CASES))("%s", (_, [before, types]) => {
  const after = runPasses(tidyGradients(before));
  const broken = verify(after).filter(
    ({ rule }) => rule === "result-type" || rule === "op-arguments",
  );
  expect(broken).toEqual([]);
  expect(typesOf(after)).toEqual(types);
  expect([...run(after)]).toEqual([...run(before)].map((value) => value + 0));
});
