import { describe, expect, it } from "vitest";
import { grad } from "../../src/autodiff/index.js";
import { buildProgram, interpret, tensor } from "../../src/index.js";
import { checkGradients } from "./finite-differences.js";

describe("band_part", () => {
  it.each([
    [-1, -1],
    [0, -1],
    [-1, 0],
    [1, 2],
  ])("of band %i, %i", (lower, upper) => {
    checkGradients((f, { x }) => f.band_part({ x, lower, upper }), { x: { shape: [2, 3, 4] } });
  });
});

describe("values that are repeated", () => {
  it("have the sum of the gradients, where they are", () => {
    const value = { shape: [], data: [2], constant: true };
    checkGradients((f, v) => f.fill({ shape: [2, 3], value: v.value }), { value });
    checkGradients((f, v) => f.fill_like({ ref_tensor: v.x, value: v.value }), {
      value,
      x: { shape: [3, 2] },
    });
    checkGradients(
      (f, { i, on_value, off_value }) =>
        f.one_hot({ indices: i, one_hot_vector_size: 4, axis: 0, on_value, off_value }),
      { i: { shape: [3], dtype: "int32", data: [1, 3, 9] }, on_value: value, off_value: value },
    );
  });
});

describe("range_1d", () => {
  it("of start and step", () => {
    checkGradients(
      (f, { start, step }) => {
        const end = f.constant("end", tensor("fp32", []), 5.5);
        return f.range_1d({ start, end, step });
      },
      {
        start: { shape: [], data: [1], constant: true },
        step: { shape: [], data: [1], constant: true },
      },
    );
  });
});

describe("what does not depend on elements", () => {
  it("gives a gradient of zero", () => {
    const program = buildProgram({}, (f) => {
      const x = f.input("x", tensor("fp16", [2]));
      const filled = f.fill_like({ ref_tensor: x, value: f.constant("v", tensor("fp16", []), 3) });
      return { y: f.reduce_sum({ x: filled, keep_dims: true }, "y") };
    });
    const type = tensor("fp16", [2]);
    const backward = grad(program, { of: "y", wrt: ["x"] });
    const { d_x } = interpret(backward, { x: { type, data: [1, 2] } }, { numerics: "fp16" });
    expect([...d_x!.data]).toEqual([0, 0]);
  });
});
