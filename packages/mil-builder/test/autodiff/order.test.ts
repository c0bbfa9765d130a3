import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { grad } from "../../src/autodiff/index.js";
import { buildProgram, tensor } from "../../src/index.js";
import { checkGradients } from "./finite-differences.js";
import { shapeAndAxis } from "./random-shapes.js";

describe("topk", () => {
  it("gives the gradients of values to the elements that they were", () => {
    fc.assert(
      fc.property(
        shapeAndAxis(1, 4),
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom(undefined, "uint16", "int32"),
        fc.nat(),
        ([shape, axis], ascending, return_indices, dtype, seed) => {
          const length = shape.at(axis)!;
          const k = seed % 3 === 0 ? -1 : 1 + (seed % length);
          checkGradients(
            (f, { x }) =>
              f.topk({
                x,
                k,
                axis,
                ascending,
                return_indices,
                output_indices_dtype: return_indices ? dtype : undefined,
              })[0]!,
            { x: { shape, apart: 2 ** -8 } },
            { seed },
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it("in ios15, which always returns positions", () => {
    checkGradients(
      (f, { x }) => f.topk({ x, k: 2 })[0]!,
      { x: { shape: [2, 5], apart: 2 ** -8 } },
      { opset: "ios15" },
    );
  });
});

describe("argsort", () => {
  it("refuses a gradient that only its positions could carry", () => {
    const program = buildProgram({}, (f) => {
      const x = f.input("x", tensor("fp16", [4]));
      const places = f.argsort({ x }, "places");
      return { y: f.cast({ x: places, dtype: "fp16" }, "y") };
    });
    expect(() => grad(program, { of: "y", wrt: ["x"], seed: "dy" })).toThrow(
      'grad: op "argsort" (value "places"): positions have no derivative. Use the values that topk or gather_along_axis give.',
    );
  });
});
