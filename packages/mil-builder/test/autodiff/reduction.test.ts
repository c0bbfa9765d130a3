import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GradientError } from "../../src/autodiff/index.js";
import { checkGradients, gradientsAt } from "./finite-differences.js";
import { shapeAndAxes } from "./random-shapes.js";

const TYPES = [
  "reduce_l1_norm",
  "reduce_l2_norm",
  "reduce_log_sum",
  "reduce_log_sum_exp",
  "reduce_max",
  "reduce_mean",
  "reduce_min",
  "reduce_prod",
  "reduce_sum",
  "reduce_sum_square",
] as const;

describe.each(TYPES)("%s", (type) => {
  it("over any axes, with and without their dims", () => {
    fc.assert(
      fc.property(
        shapeAndAxes(0, 4),
        fc.boolean(),
        fc.boolean(),
        fc.nat(),
        ([shape, axes], keep_dims, isWeighed, seed) => {
          checkGradients(
            (f, { x }) => {
              const y = f[type]({ x, axes, keep_dims });
              return isWeighed ? f.mul({ x: y, y: 3 }) : y;
            },
            { x: { shape, low: 0.1, high: 1.5, apart: 0.01 } },
            { seed },
          );
        },
      ),
      { numRuns: 30 },
    );
  });

  it("twice, and beside what it was computed from", () => {
    checkGradients(
      (f, { x }) => {
        const inner = f[type]({ x, axes: [-1], keep_dims: true });
        const mixed = f.add({ x: f.mul({ x, y: inner }), y: 1 });
        return f.reduce_sum({ x: mixed, axes: [0] });
      },
      { x: { shape: [3, 4], low: 0.1, high: 1.5, apart: 0.01 } },
    );
  });
});

describe("extrema", () => {
  it("share among equal elements", () => {
    const x = { shape: [2, 3], data: [5, 1, 5, 2, 2, 2] };
    const most = gradientsAt((f, v) => f.reduce_max({ x: v.x, axes: [1] }), { x });
    expect(most.x).toEqual([0.5, 0, 0.5, 1 / 3, 1 / 3, 1 / 3]);
    const least = gradientsAt((f, v) => f.reduce_min({ x: v.x, axes: [0, 1] }), { x });
    expect(least.x).toEqual([0, 1, 0, 0, 0, 0]);
  });

  it.each(["reduce_argmax", "reduce_argmin"] as const)("%s is refused", (type) => {
    const position = () =>
      gradientsAt((f, { x }) => f.cast({ x: f[type]({ x }), dtype: "fp32" }), {
        x: { shape: [3] },
      });
    expect(position).toThrow(GradientError);
    expect(position).toThrow(/op "reduce_arg.*\(value "reduce_arg.*"\): .*Use reduce_max/);
  });
});

describe("corners", () => {
  it("means of more elements than fp16 can count", () => {
    const mean = {
      x: { shape: [280, 250], dtype: "fp16", fixed: true },
      shift: { shape: [1, 1], dtype: "fp16" },
    } as const;
    const { shift } = gradientsAt(
      (f, v) => f.reduce_mean({ x: f.add({ x: v.x, y: v.shift }) }),
      mean,
      { numerics: "fp16" },
    );
    expect(shift![0]).toBeCloseTo(1, 2);
  });

  it("reduce_prod has slopes where elements are 0", () => {
    const slopes = (data: readonly number[]) =>
      gradientsAt((f, { x }) => f.reduce_prod({ x }), { x: { shape: [data.length], data } }).x;
    expect(slopes([2, 0, 3])).toEqual([0, 6, 0]);
    expect(slopes([0, 0, 3])).toEqual([0, 0, 0]);
    expect(slopes([2, 5, 3, 7, -1])).toEqual([-105, -42, -70, -30, 210]);
    expect(slopes([4])).toEqual([1]);
  });

  it("reduce_l2_norm has a slope of 0 at 0", () => {
    const { x } = gradientsAt((f, v) => f.reduce_l2_norm({ x: v.x }), {
      x: { shape: [2], data: [0, 0] },
    });
    expect(x).toEqual([0, 0]);
  });
});
