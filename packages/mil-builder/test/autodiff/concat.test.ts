import fc from "fast-check";
import { describe, it } from "vitest";
import { checkGradients } from "./finite-differences.js";
import { shapeAndAxis } from "./random-shapes.js";

describe("concat", () => {
  it("of values along any axis", () => {
    fc.assert(
      fc.property(shapeAndAxis(1, 5), fc.nat({ max: 2 }), ([shape, axis], more) => {
        const along = axis < 0 ? axis + shape.length : axis;
        checkGradients((f, { x, y }) => f.concat({ values: [x, y, x], axis, interleave: false }), {
          x: { shape },
          y: { shape: shape.with(along, shape[along]! + more) },
        });
      }),
      { numRuns: 30 },
    );
  });

  it("of interleaved values", () => {
    fc.assert(
      fc.property(shapeAndAxis(1, 4), fc.integer({ min: 1, max: 3 }), ([shape, axis], count) => {
        checkGradients(
          (f, v) => {
            const values = [v.x, v.y, v.x].slice(0, count);
            return f.concat({ values, axis, interleave: true });
          },
          { x: { shape }, y: { shape } },
        );
      }),
      { numRuns: 30 },
    );
  });

  it("of scalars", () => {
    checkGradients((f, { x, y }) => f.concat({ values: [x, y], axis: 0 }), {
      x: { shape: [] },
      y: { shape: [] },
    });
  });
});

describe("stack", () => {
  it("of values of any rank, along any new axis", () => {
    fc.assert(
      fc.property(shapeAndAxis(1, 4), ([whole, axis]) => {
        const shape = whole.filter((_, at) => at !== (axis + whole.length) % whole.length);
        checkGradients((f, { x, y }) => f.stack({ values: [x, y], axis }), {
          x: { shape },
          y: { shape },
        });
      }),
      { numRuns: 30 },
    );
  });
});

describe("split", () => {
  it("of pieces that are all used, some or one", () => {
    fc.assert(
      fc.property(shapeAndAxis(1, 4), fc.integer({ min: 1, max: 3 }), ([shape, axis], used) => {
        const along = axis < 0 ? axis + shape.length : axis;
        const size = shape[along]!;
        checkGradients((f, { x }) => f.split({ x, axis, split_sizes: [size, 1, 2] }).slice(-used), {
          x: { shape: shape.with(along, size + 3) },
        });
        checkGradients((f, { x }) => f.split({ x, axis, num_splits: 3 }).slice(0, used), {
          x: { shape: shape.with(along, 3 * size) },
        });
      }),
      { numRuns: 30 },
    );
  });
});
