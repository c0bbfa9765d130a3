import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkGradients, gradientsAt } from "./finite-differences.js";
import { shapeOf } from "./random-shapes.js";

/** Where each function is smooth. */
const SMOOTH = {
  acos: [-0.9, 0.9],
  asin: [-0.9, 0.9],
  atan: [-2, 2],
  atanh: [-0.9, 0.9],
  cos: [-4, 4],
  cosh: [-2, 2],
  erf: [-2, 2],
  exp: [-2, 2],
  exp2: [-2, 2],
  inverse: [0.5, 2],
  log: [0.5, 2],
  rsqrt: [0.5, 2],
  sin: [-4, 4],
  sinh: [-2, 2],
  sqrt: [0.5, 2],
  square: [-2, 2],
  tan: [-1, 1],
  tanh: [-2, 2],
  abs: [0.1, 2],
} as const;

describe.each(Object.entries(SMOOTH))("%s", (name, [low, high]) => {
  const type = name as keyof typeof SMOOTH;

  it("has the slope of the differences", () => {
    fc.assert(
      fc.property(shapeOf(0, 4), fc.nat(), (shape, seed) => {
        checkGradients((f, { x }) => f[type]({ x }), { x: { shape, low, high } }, { seed });
      }),
      { numRuns: 8 },
    );
  });

  it("broadcasts a gradient that came from a sum", () => {
    checkGradients((f, { x }) => f.reduce_sum({ x: f[type]({ x }) }), {
      x: { shape: [2, 3], low, high },
    });
  });
});

describe("abs", () => {
  it("has the sign as its slope, 0 at 0", () => {
    const { x } = gradientsAt((f, { x }) => f.abs({ x }), { x: { shape: [3], data: [-2, 0, 2] } });
    expect(x).toEqual([-1, 0, 1]);
  });
});

describe("epsilon", () => {
  it.each(["inverse", "log", "rsqrt"] as const)("of %s counts", (type) => {
    checkGradients((f, { x }) => f[type]({ x, epsilon: 0.25 }), {
      x: { shape: [4], low: 0.1, high: 0.5 },
    });
  });

  it.each(["inverse", "log", "rsqrt"] as const)("of %s is rounded to fp16", (type) => {
    const { x } = gradientsAt((f, { x }) => f[type]({ x }), {
      x: { shape: [1], dtype: "fp16", data: [1] },
    });
    expect(x![0]).toBeCloseTo({ inverse: -1, log: 1, rsqrt: -0.5 }[type], 3);
  });
});

describe("clip and threshold", () => {
  it("let gradients through inside and at the bounds", () => {
    const data = [-3, -1, 0, 1, 3];
    const x = { shape: [5], data };
    const clipped = gradientsAt((f, v) => f.clip({ x: v.x, alpha: -1, beta: 1 }), { x });
    expect(clipped.x).toEqual([0, 1, 1, 1, 0]);
    const raised = gradientsAt((f, v) => f.threshold({ x: v.x, alpha: -1 }), { x });
    expect(raised.x).toEqual([0, 1, 1, 1, 1]);
  });

  it("also of tensors from broadcasting", () => {
    const x = { shape: [3, 1], data: [-2.5, 0.5, 1.5] };
    checkGradients((f, v) => f.add({ x: f.clip({ x: v.x, alpha: -1, beta: 1 }), y: v.y }), {
      x,
      y: { shape: [2] },
    });
    checkGradients((f, v) => f.reduce_sum({ x: f.threshold({ x: v.x, alpha: 1 }) }), { x });
  });
});

describe("cast", () => {
  it("lets gradients of floats through, in the dtype of the value", () => {
    checkGradients((f, { x }) => f.cast({ x: f.square({ x }), dtype: "fp16" }), {
      x: { shape: [2, 2] },
    });
    const { h } = gradientsAt((f, { h }) => f.square({ x: f.cast({ x: h, dtype: "fp32" }) }), {
      h: { shape: [2], dtype: "fp16", data: [1, 3] },
    });
    expect(h).toEqual([2, 6]);
  });

  it("ends at integers and booleans", () => {
    const through = (dtype: "int32" | "bool") =>
      gradientsAt(
        (f, { x }) => f.mul({ x: f.cast({ x: f.cast({ x, dtype }), dtype: "fp32" }), y: x }),
        { x: { shape: [1], data: [2.5] } },
      ).x;
    expect(through("int32")).toEqual([2]);
    expect(through("bool")).toEqual([1]);
  });
});

it.each(["ceil", "floor", "round", "sign"] as const)("%s has a gradient of 0", (type) => {
  const { x } = gradientsAt((f, { x }) => f[type]({ x }), { x: { shape: [2], data: [0.3, -1] } });
  expect(x).toEqual([0, 0]);
});
