import fc from "fast-check";
import { describe, it } from "vitest";
import { checkGradients } from "./finite-differences.js";
import { shapeAndAxes, shapeAndAxis, shapeOf } from "./random-shapes.js";

describe("pad", () => {
  it.each(["constant", "reflect", "replicate"] as const)("%s, of the last dims", (mode) => {
    fc.assert(
      fc.property(
        shapeOf(1, 5),
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 10, maxLength: 10 }),
        fc.nat(),
        (shape, amounts, dropped) => {
          const padded = shape.length - (dropped % shape.length);
          const pad = amounts.slice(0, 2 * padded).map((amount, index) => {
            const dim = shape[shape.length - padded + Math.floor(index / 2)]!;
            const most = { constant: amount, reflect: dim - 1, replicate: dim }[mode];
            return Math.min(amount, most);
          });
          checkGradients((f, { x }) => f.pad({ x, pad, mode, constant_val: 3 }), {
            x: { shape },
          });
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe("tile", () => {
  it("along every axis", () => {
    fc.assert(
      fc.property(shapeOf(1, 5), fc.nat(), (shape, seed) => {
        const reps = shape.map((_, axis) => 1 + ((seed + axis) % 3));
        checkGradients((f, { x }) => f.tile({ x, reps }), { x: { shape } }, { seed });
      }),
      { numRuns: 30 },
    );
  });
});

describe("reverse", () => {
  it("along some axes or all", () => {
    fc.assert(
      fc.property(shapeAndAxes(1, 5), ([shape, axes]) => {
        checkGradients((f, { x }) => f.reverse({ x, axes }), { x: { shape } });
      }),
      { numRuns: 20 },
    );
  });
});

describe("reverse_sequence", () => {
  it("of sequences of computed lengths", () => {
    checkGradients(
      (f, { x, lengths }) => f.reverse_sequence({ x, lengths, seq_axis: -1, batch_axis: 0 }),
      { x: { shape: [3, 2, 4] }, lengths: { shape: [3], dtype: "int32", data: [4, 1, 3] } },
    );
  });
});

describe("sliding_windows", () => {
  it("of windows that overlap, touch, or leave elements out", () => {
    fc.assert(
      fc.property(
        shapeAndAxis(1, 4),
        fc.integer({ min: 0, max: 3 }),
        fc.nat(),
        fc.integer({ min: 1, max: 4 }),
        ([shape, axis], more, given, stride) => {
          const along = axis < 0 ? axis + shape.length : axis;
          const length = shape[along]! + more;
          const size = 1 + (given % length);
          checkGradients((f, { x }) => f.sliding_windows({ x, axis, size, stride }), {
            x: { shape: shape.with(along, length) },
          });
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("crop", () => {
  it("of the last two dims", () => {
    checkGradients((f, { x }) => f.crop({ x, crop_height: [1, 0], crop_width: [0, 2] }), {
      x: { shape: [2, 3, 4] },
    });
    checkGradients((f, { x }) => f.crop({ x, crop_height: [0, 0], crop_width: [0, 0] }), {
      x: { shape: [1, 2, 3, 4] },
    });
  });
});
