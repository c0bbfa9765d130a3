import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FunctionBuilder, Value } from "../../src/index.js";
import { checkGradients, gradientsAt } from "./finite-differences.js";
import { shapeAndAxis, shapeOf } from "./random-shapes.js";

type Call = (f: FunctionBuilder, x: Value) => Value;

/** Their kinks lie at multiples of 0.1. */
const ACTIVATIONS: Readonly<Record<string, Call>> = {
  clamped_relu: (f, x) => f.clamped_relu({ x, alpha: 0.25, beta: 1 }),
  "clamped_relu, falling": (f, x) => f.clamped_relu({ x, alpha: -2, beta: 1.6 }),
  elu: (f, x) => f.elu({ x, alpha: 1 }),
  "elu with alpha": (f, x) => f.elu({ x, alpha: 0.5 }),
  "gelu exact": (f, x) => f.gelu({ x }),
  "gelu by tanh": (f, x) => f.gelu({ x, mode: "TANH_APPROXIMATION" }),
  "gelu by sigmoid": (f, x) => f.gelu({ x, mode: "SIGMOID_APPROXIMATION" }),
  leaky_relu: (f, x) => f.leaky_relu({ x, alpha: 0.125 }),
  linear_activation: (f, x) => f.linear_activation({ x, alpha: -3, beta: 0.5 }),
  relu: (f, x) => f.relu({ x }),
  relu6: (f, x) => f.relu6({ x: f.mul({ x, y: 5 }) }),
  scaled_tanh: (f, x) => f.scaled_tanh({ x, alpha: 1.5, beta: 0.5 }),
  sigmoid: (f, x) => f.sigmoid({ x }),
  sigmoid_hard: (f, x) => f.sigmoid_hard({ x, alpha: 0.5, beta: 0.5 }),
  silu: (f, x) => f.silu({ x }),
  softplus: (f, x) => f.softplus({ x }),
  softsign: (f, x) => f.softsign({ x }),
  thresholded_relu: (f, x) => f.thresholded_relu({ x, alpha: 0.5 }),
};

/** Numbers that keep 0.01 away from multiples of 0.1, where the kinks are. */
const smooth = fc
  .tuple(fc.integer({ min: -20, max: 19 }), fc.double({ min: 0.1, max: 0.9, noNaN: true }))
  .map(([tenths, rest]) => Math.round(((tenths + rest) / 10) * 1024) / 1024);

describe.each(Object.entries(ACTIVATIONS))("%s", (_, call) => {
  it("has the slope of the differences", () => {
    const input = shapeOf(0, 4).chain((shape) => {
      const count = shape.reduce((product, dim) => product * dim, 1);
      return fc
        .array(smooth, { minLength: count, maxLength: count })
        .map((data) => ({ shape, data }));
    });
    fc.assert(
      fc.property(input, (x) => checkGradients((f, v) => call(f, v.x), { x })),
      { numRuns: 10 },
    );
  });
});

describe("at kinks", () => {
  const slopes = (call: Call, data: readonly number[]) =>
    gradientsAt((f, { x }) => call(f, x), { x: { shape: [data.length], data } }).x;

  it("slopes are PyTorch's", () => {
    expect(slopes((f, x) => f.relu({ x }), [0])).toEqual([0]);
    expect(slopes((f, x) => f.relu6({ x }), [0, 3, 6, 7])).toEqual([0, 1, 0, 0]);
    expect(slopes((f, x) => f.leaky_relu({ x, alpha: 0.25 }), [0])).toEqual([0.25]);
    expect(slopes((f, x) => f.elu({ x, alpha: 0.5 }), [0])).toEqual([0.5]);
    const hard: Call = (f, x) => f.sigmoid_hard({ x, alpha: 0.5, beta: 0.5 });
    expect(slopes(hard, [-1, 0, 1])).toEqual([0, 0.5, 0]);
  });
});

describe("far away", () => {
  it.each(Object.entries(ACTIVATIONS))("%s has slopes, in fp16 as well", (_, call) => {
    const data = [-60000, -300, 300, 60000];
    const { x } = gradientsAt(
      (f, v) => call(f, v.x),
      { x: { shape: [4], dtype: "fp16", data } },
      {
        numerics: "fp16",
      },
    );
    for (const slope of x!) expect(Number.isFinite(slope)).toBe(true);
  });
});

describe("parameters per channel", () => {
  const shapes = fc
    .tuple(shapeOf(1, 1), shapeOf(1, 1), shapeOf(1, 3))
    .map(([[n], [c], rest]) => [n!, c!, ...rest]);

  it("prelu", () => {
    fc.assert(
      fc.property(shapes, fc.nat(), (shape, seed) => {
        checkGradients(
          (f, { x, sign, alpha }) => f.prelu({ x: f.mul({ x, y: sign }), alpha }),
          {
            x: { shape, low: 0.1 },
            sign: { shape, fixed: true, data: signs(shape, seed) },
            alpha: { shape: [shape[1]!], constant: true },
          },
          { seed },
        );
      }),
      { numRuns: 10 },
    );
  });

  it("softplus_parametric", () => {
    fc.assert(
      fc.property(shapes, fc.nat(), (shape, seed) => {
        const vector = { shape: [shape[1]!], constant: true };
        checkGradients(
          (f, { x, alpha, beta }) => f.softplus_parametric({ x, alpha, beta }),
          { x: { shape }, alpha: vector, beta: vector },
          { seed },
        );
      }),
      { numRuns: 10 },
    );
  });

  function signs(shape: readonly number[], seed: number): readonly number[] {
    const count = shape.reduce((product, dim) => product * dim, 1);
    return Array.from({ length: count }, (_, i) => ((seed >> (i % 20)) & 1 ? 1 : -1));
  }
});

describe("softmax", () => {
  it("along any axis", () => {
    fc.assert(
      fc.property(shapeAndAxis(1, 4), fc.nat(), ([shape, axis], seed) => {
        checkGradients((f, { x }) => f.softmax({ x, axis }), { x: { shape } }, { seed });
      }),
      { numRuns: 20 },
    );
  });

  it("of masked scores", () => {
    const mask = [0, -65504, 0, 0];
    checkGradients((f, { x, mask }) => f.softmax({ x: f.add({ x, y: mask }) }), {
      x: { shape: [2, 4] },
      mask: { shape: [4], data: mask, constant: true, fixed: true },
    });
  });
});
