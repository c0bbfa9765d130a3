import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkGradients, gradientsAt } from "./finite-differences.js";
import { broadcastPair } from "./random-shapes.js";

const TYPES = ["add", "sub", "mul", "real_div", "pow", "maximum", "minimum", "mod"] as const;

describe.each(TYPES)("%s", (type) => {
  it("of operands that broadcast", () => {
    fc.assert(
      fc.property(broadcastPair, fc.nat(), ([x, y], seed) => {
        checkGradients(
          (f, v) => f[type]({ x: v.x, y: v.y }),
          // No element of x is near one of y, nor a quotient near an integer.
          { x: { shape: x, low: 2.2, high: 2.6 }, y: { shape: y, low: 1.35, high: 2.1 } },
          { seed },
        );
      }),
      { numRuns: 20 },
    );
  });

  it("of a constant, and of parts that came from broadcasting themselves", () => {
    checkGradients(
      (f, { x, c }) => f.reduce_sum({ x: f[type]({ x, y: c }), axes: [0], keep_dims: true }),
      { x: { shape: [2, 3], low: 2.2, high: 2.6 }, c: { shape: [3], low: 1.35, constant: true } },
    );
    checkGradients(
      (f, { x, y }) => f.reduce_sum({ x: f[type]({ x, y: f.mul({ x: y, y: 0.5 }) }) }),
      { x: { shape: [1, 3], low: 2.2, high: 2.6 }, y: { shape: [2, 1], low: 1.85, high: 2 } },
    );
  });
});

describe("pow", () => {
  it.each([-2, -0.5, 0, 0.5, 1, 2, 3])("to the literal %d", (y) => {
    checkGradients((f, { x }) => f.pow({ x, y }), { x: { shape: [5], low: 0.5, high: 2 } });
  });

  it("is finite where the slope is: 0² and 0³, (-1)³", () => {
    const at = (y: number) =>
      gradientsAt((f, { x }) => f.pow({ x, y }), { x: { shape: [2], data: [0, -1] } }).x;
    expect(at(2)).toEqual([0, -2]);
    expect(at(3)).toEqual([0, 3]);
    expect(at(1)).toEqual([1, 1]);
    expect(at(0)).toEqual([0, 0]);
  });
});

describe("maximum and minimum", () => {
  it.each(["maximum", "minimum"] as const)("share between equal operands: %s", (type) => {
    const same = { shape: [1], data: [1.5] };
    const both = gradientsAt((f, { x, y }) => f[type]({ x, y }), { x: same, y: same });
    expect(both).toEqual({ x: [0.5], y: [0.5] });
    const once = gradientsAt((f, { x }) => f[type]({ x, y: x }), { x: same });
    expect(once).toEqual({ x: [1] });
  });
});

describe("what is piecewise constant", () => {
  it.each(["floor_div"] as const)("%s has a gradient of 0", (type) => {
    const x = { shape: [2], data: [5.5, -3] };
    expect(gradientsAt((f, { x }) => f[type]({ x, y: 2 }), { x })).toEqual({ x: [0, 0] });
  });

  it.each(["equal", "not_equal", "less", "less_equal", "greater", "greater_equal"] as const)(
    "%s leaves the gradient of what it chooses",
    (type) => {
      checkGradients(
        (f, { x, y }) => f.select({ cond: f[type]({ x, y }), a: x, b: f.mul({ x: y, y: 3 }) }),
        { x: { shape: [2, 3], low: 0, high: 1 }, y: { shape: [3], low: 1.5 } },
      );
    },
  );
});
