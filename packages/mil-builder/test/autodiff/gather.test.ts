import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { grad } from "../../src/autodiff/index.js";
import { buildProgram, tensor } from "../../src/index.js";
import { checkGradients, type TestInput } from "./finite-differences.js";
import { shapeAndAxis, shapeOf } from "./random-shapes.js";

const count = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);

/** Indices below `length` (from either end unless unsigned), repeated ones among them. */
function indices(
  shape: readonly number[],
  length: number,
  seed: number,
  constant: boolean,
  dtype: "int32" | "uint16" | "int16" = "int32",
): TestInput {
  const data = Array.from({ length: count(shape) }, (_, i) => {
    const index = (seed + i * i + (i >> 1)) % length;
    return dtype !== "uint16" && i % 3 === 1 ? index - length : index;
  });
  return { shape, dtype, data, constant };
}

const dtypes = fc.constantFrom("int32", "uint16", "int16");

describe("gather", () => {
  it("along any axis, at constant and at computed indices", () => {
    fc.assert(
      fc.property(
        shapeAndAxis(1, 4),
        shapeOf(0, 2),
        fc.boolean(),
        dtypes,
        fc.nat(),
        ([shape, axis], picked, constant, dtype, seed) => {
          const length = shape.at(axis)!;
          checkGradients((f, { x, i }) => f.gather({ x, indices: i, axis }), {
            x: { shape },
            i: indices(picked, length, seed, constant, dtype),
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it("with batch dims", () => {
    fc.assert(
      fc.property(
        shapeOf(2, 4),
        shapeOf(0, 2),
        fc.boolean(),
        fc.nat(),
        (shape, picked, constant, seed) => {
          const batch_dims = 1 + (seed % (shape.length - 1));
          const axis = batch_dims + ((seed >> 3) % (shape.length - batch_dims));
          const places = [...shape.slice(0, batch_dims), ...picked];
          checkGradients((f, { x, i }) => f.gather({ x, indices: i, axis, batch_dims }), {
            x: { shape },
            i: indices(places, shape[axis]!, seed, constant),
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  it("of more positions than fp16 counts, by scattering", () => {
    checkGradients((f, { x, i }) => f.gather({ x, indices: i, axis: 0 }), {
      x: { shape: [3000, 2], dtype: "fp16" },
      i: indices([3, 2], 3000, 7, false),
    });
    checkGradients((f, { x, i }) => f.gather({ x, indices: i, axis: 1, batch_dims: 1 }), {
      x: { shape: [2, 2049, 2], dtype: "fp16" },
      i: indices([2, 3], 2049, 7, false, "uint16"),
    });
  });

  it("of constant indices is a product, without an op that the engine lacks", () => {
    const program = buildProgram({}, (f) => {
      const x = f.input("x", tensor("fp16", [1, 64, 1, 32]));
      const indices = f.constant("indices", tensor("int32", [3]), [5, 0, 5]);
      return { y: f.gather({ x, indices, axis: 1 }, "y") };
    });
    const types = grad(program, { of: "y", wrt: ["x"], seed: "dy" }).functions[0]!.operations.map(
      ({ type }) => type,
    );
    expect(new Set(types)).toEqual(new Set(["const", "matmul", "reshape"]));
  });
});

describe("gather_along_axis", () => {
  it("along any axis, at constant and at computed indices", () => {
    fc.assert(
      fc.property(
        shapeAndAxis(1, 4),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        dtypes,
        fc.nat(),
        ([shape, axis], picks, constant, dtype, seed) => {
          const along = axis < 0 ? axis + shape.length : axis;
          checkGradients((f, { x, i }) => f.gather_along_axis({ x, indices: i, axis }), {
            x: { shape },
            i: indices(shape.with(along, picks), shape[along]!, seed, constant, dtype),
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it("of more positions than fp16 counts, by scattering", () => {
    checkGradients((f, { x, i }) => f.gather_along_axis({ x, indices: i, axis: -1 }), {
      x: { shape: [2, 2500], dtype: "fp16" },
      i: indices([2, 3], 2500, 7, false, "int16"),
    });
  });
});

describe("gather_nd", () => {
  it("at constant and at computed positions, with and without batch dims", () => {
    fc.assert(
      fc.property(
        shapeOf(1, 4),
        shapeOf(0, 2),
        fc.boolean(),
        dtypes,
        fc.nat(),
        (shape, places, constant, dtype, seed) => {
          const batch_dims = seed % shape.length;
          const depth = 1 + ((seed >> 3) % (shape.length - batch_dims));
          const dims = shape.slice(batch_dims, batch_dims + depth);
          const positions = [...shape.slice(0, batch_dims), ...places, depth];
          const data = Array.from({ length: count(positions) }, (_, i) => {
            const dim = dims[i % depth]!;
            const index = (seed + i * i) % dim;
            return dtype !== "uint16" && i % 3 === 1 ? index - dim : index;
          });
          checkGradients((f, { x, i }) => f.gather_nd({ x, indices: i, batch_dims }), {
            x: { shape },
            i: { shape: positions, dtype, data, constant },
          });
        },
      ),
      { numRuns: 60 },
    );
  });
});
