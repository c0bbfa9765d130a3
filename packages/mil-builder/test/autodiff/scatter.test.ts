import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jointGraph } from "../../src/autodiff/index.js";
import { buildProgram, interpret, tensor } from "../../src/index.js";
import { checkGradients, type TestInput } from "./finite-differences.js";
import { shapeAndAxis, shapeOf } from "./random-shapes.js";

const MODES = ["add", "sub", "mul", "div", "max", "min", "update"] as const;

const count = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);

function places(shape: readonly number[], length: number, seed: number): TestInput {
  const data = Array.from({ length: count(shape) }, (_, i) => {
    const index = (seed + i * i + (i >> 1)) % length;
    return i % 3 === 1 ? index - length : index;
  });
  return { shape, dtype: "int32", data };
}

/** Away from zeros, and from each other, which the modes have kinks or poles at. */
const operand = (shape: readonly number[]): TestInput => ({
  shape,
  low: 0.5,
  high: 3,
  apart: 2 ** -8,
});

describe.each(MODES)("mode %s", (mode) => {
  it("of scatter, indices repeated", () => {
    fc.assert(
      fc.property(shapeAndAxis(1, 3), shapeOf(0, 2), fc.nat(), ([shape, axis], picked, seed) => {
        const along = axis < 0 ? axis + shape.length : axis;
        const updates = [...shape.slice(0, along), ...picked, ...shape.slice(along + 1)];
        checkGradients(
          (f, { data, i, updates: given }) =>
            f.scatter({ data, indices: i, updates: given, axis, mode }),
          {
            data: operand(shape),
            i: places(picked, shape[along]!, seed),
            updates: operand(updates),
          },
          { seed, tolerance: 1e-5 },
        );
      }),
      { numRuns: 25 },
    );
  });

  it("of scatter_along_axis, indices repeated", () => {
    fc.assert(
      fc.property(
        shapeAndAxis(1, 4),
        fc.integer({ min: 1, max: 4 }),
        fc.nat(),
        ([shape, axis], picks, seed) => {
          const along = axis < 0 ? axis + shape.length : axis;
          const updates = shape.with(along, picks);
          checkGradients(
            (f, { data, i, updates: given }) =>
              f.scatter_along_axis({ data, indices: i, updates: given, axis, mode }),
            {
              data: operand(shape),
              i: places(updates, shape[along]!, seed),
              updates: operand(updates),
            },
            { seed, tolerance: 1e-5 },
          );
        },
      ),
      { numRuns: 25 },
    );
  });

  it("of scatter_nd, positions repeated", () => {
    fc.assert(
      fc.property(shapeOf(1, 3), shapeOf(0, 2), fc.nat(), (shape, outer, seed) => {
        const depth = 1 + (seed % shape.length);
        const positions = [...outer, depth];
        const data = Array.from(
          { length: count(positions) },
          (_, i) => (seed + i * i) % shape[i % depth]!,
        );
        checkGradients(
          (f, { data: old, i, updates }) => f.scatter_nd({ data: old, indices: i, updates, mode }),
          {
            data: operand(shape),
            i: { shape: positions, dtype: "int32", data },
            updates: operand([...outer, ...shape.slice(depth)]),
          },
          { seed, tolerance: 1e-5 },
        );
      }),
      { numRuns: 25 },
    );
  });
});

/** Gradients of the sum of scatter's result, all updates at place 1 of 2. */
function gradientsAtOnePlace(
  mode: (typeof MODES)[number],
  data: readonly number[],
  updates: readonly number[],
) {
  const pair = tensor("fp16", [2]);
  const program = buildProgram({}, (f) => {
    const indices = f.constant("i", tensor("int32", [2]), [1, 1]);
    const given = { data: f.input("data", pair), updates: f.input("updates", pair) };
    return { y: f.scatter({ ...given, indices, axis: 0, mode }, "y") };
  });
  const joint = jointGraph(program, { seeds: { y: "dy" }, wrt: ["data", "updates"] });
  const names = ["data", "updates"] as const;
  const outputs = names.map((name) => [`d_${name}`, joint.gradientOf.get(name)!] as const);
  const inputs = {
    data: { type: pair, data },
    updates: { type: pair, data: updates },
    dy: { type: pair, data: [1, 1] },
  };
  const results = interpret(joint.finish(Object.fromEntries(outputs)), inputs, {
    numerics: "fp16",
  });
  return { data: [...results.d_data!.data], updates: [...results.d_updates!.data] };
}

describe("where updates meet", () => {
  it("products leave out the own factor, also among zeros", () => {
    expect(gradientsAtOnePlace("mul", [1, 3], [0, 5])).toEqual({ data: [1, 0], updates: [15, 0] });
    expect(gradientsAtOnePlace("mul", [1, 3], [0, 0])).toEqual({ data: [1, 0], updates: [0, 0] });
    expect(gradientsAtOnePlace("mul", [1, 0], [2, 5])).toEqual({ data: [1, 10], updates: [0, 0] });
  });

  it("largest elements share the gradient", () => {
    expect(gradientsAtOnePlace("max", [1, 3], [3, 2])).toEqual({
      data: [1, 0.5],
      updates: [0.5, 0],
    });
  });

  it("the last of several replacements has the gradient", () => {
    expect(gradientsAtOnePlace("update", [1, 3], [3, 3])).toEqual({
      data: [1, 0],
      updates: [0, 1],
    });
  });
});
