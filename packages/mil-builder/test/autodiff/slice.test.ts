import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { grad } from "../../src/autodiff/index.js";
import { buildProgram, tensor } from "../../src/index.js";
import { checkGradients } from "./finite-differences.js";
import { shapeOf } from "./random-shapes.js";

/** A slice of one axis that is not empty, in numpy's terms. */
const axisSlice = fc
  .record({
    dim: fc.integer({ min: 1, max: 5 }),
    from: fc.nat(),
    to: fc.nat(),
    step: fc.integer({ min: 1, max: 3 }),
    back: fc.boolean(),
    fromEnd: fc.boolean(),
    beginMasked: fc.boolean(),
    endMasked: fc.boolean(),
    squeezed: fc.integer({ min: 0, max: 3 }).map((it) => it === 0),
  })
  .map(({ dim, from, to, step, back, fromEnd, ...masks }) => {
    const [low, high] = [from % dim, to % dim].sort((a, b) => a - b) as [number, number];
    const negative = fromEnd ? dim : 0;
    return back
      ? {
          dim,
          begin: high - negative,
          end: low === 0 ? -dim - 1 : low - 1,
          stride: -step,
          ...masks,
        }
      : { dim, begin: low - negative, end: high + 1, stride: step, ...masks };
  });

const slices = fc.array(axisSlice, { minLength: 1, maxLength: 4 }).map((axes) => ({
  shape: axes.map(({ dim }) => dim),
  begin: axes.map(({ begin }) => begin),
  end: axes.map(({ end }) => end),
  stride: axes.map(({ stride }) => stride),
  begin_mask: axes.map(({ beginMasked }) => beginMasked),
  end_mask: axes.map(({ endMasked }) => endMasked),
  squeeze_mask: axes.map(({ squeezed }) => squeezed),
}));

describe("slice_by_index", () => {
  it("of all strides and masks", () => {
    fc.assert(
      fc.property(slices, fc.nat(), ({ shape, ...slice }, seed) => {
        checkGradients((f, { x }) => f.slice_by_index({ x, ...slice }), { x: { shape } }, { seed });
      }),
      { numRuns: 60 },
    );
  });

  it("without strides and masks", () => {
    checkGradients((f, { x }) => f.slice_by_index({ x, begin: [1, 0], end: [3, 2] }), {
      x: { shape: [3, 4] },
    });
  });

  it("at a computed place", () => {
    checkGradients(
      (f, { x, at }) => {
        const end = f.add({ x: at, y: f.constant("one", tensor("int32", [2]), [1, 9]) });
        const squeeze_mask = [true, false];
        const begin_mask = [false, true];
        const end_mask = [false, true];
        const row = f.slice_by_index({ x, begin: at, end, squeeze_mask, begin_mask, end_mask });
        return f.reshape({ x: row, shape: [3] });
      },
      { x: { shape: [4, 3] }, at: { shape: [2], dtype: "int32", data: [2, 0] } },
    );
  });
});

describe("slice_by_size", () => {
  it("of every place, with sizes to the end", () => {
    fc.assert(
      fc.property(shapeOf(1, 5), fc.nat(), fc.boolean(), fc.nat(), (shape, at, toEnd, seed) => {
        const begin = shape.map((dim, axis) => ((at + axis) % dim) - (axis % 2 === 0 ? 0 : dim));
        const size = shape.map((dim, axis) => (toEnd ? -1 : dim - ((at + axis) % dim)));
        checkGradients(
          (f, { x }) => f.slice_by_size({ x, begin, size }),
          { x: { shape } },
          { seed },
        );
      }),
      { numRuns: 30 },
    );
  });

  it("at a computed place, from either end", () => {
    for (const data of [
      [1, 2],
      [-2, -1],
    ]) {
      checkGradients((f, { x, at }) => f.slice_by_size({ x, begin: at, size: [2, 1] }), {
        x: { shape: [3, 4] },
        at: { shape: [2], dtype: "int32", data },
      });
    }
  });

  it("refuses a computed place before ios18, with advice", () => {
    const program = buildProgram({ opset: "ios17" }, (f) => {
      const x = f.input("x", tensor("fp16", [3]));
      const begin = f.input("at", tensor("int32", [1]));
      return { y: f.slice_by_size({ x, begin, size: [1] }, "y") };
    });
    expect(() => grad(program, { of: "y", wrt: ["x"] })).toThrow(
      'grad: op "slice_by_size" (value "y"): a slice at a computed place needs slice_update. Build for opset ios18.',
    );
  });
});

describe("slice_update", () => {
  it("of what stays and of what is new", () => {
    fc.assert(
      fc.property(slices, fc.nat(), ({ shape, ...slice }, seed) => {
        fc.pre(!slice.squeeze_mask.every(Boolean));
        checkGradients(
          (f, { x, other }) => {
            const update = f.mul({ x: f.slice_by_index({ x: other, ...slice }), y: 2 });
            return f.slice_update({ x, update, ...slice });
          },
          { x: { shape }, other: { shape } },
          { seed },
        );
      }),
      { numRuns: 40 },
    );
  });
});
