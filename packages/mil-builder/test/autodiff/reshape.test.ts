import fc from "fast-check";
import { describe, it } from "vitest";
import { checkGradients } from "./finite-differences.js";
import { shapeAndAxes, shapeOf } from "./random-shapes.js";

const count = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);

describe("reshape", () => {
  it("to a line and to a copied dim", () => {
    fc.assert(
      fc.property(shapeOf(0, 5), (shape) => {
        checkGradients((f, { x }) => f.reshape({ x, shape: [-1] }), { x: { shape } });
        checkGradients((f, { x }) => f.reshape({ x, shape: [1, count(shape), 1] }), {
          x: { shape },
        });
      }),
      { numRuns: 20 },
    );
    checkGradients((f, { x }) => f.reshape({ x, shape: [3, 0] }), { x: { shape: [3, 2] } });
  });

  it("to a shape of other tensors", () => {
    checkGradients(
      (f, { x, a, b }) =>
        f.reshape_like({
          x,
          ref_tensors: [a, b],
          begins: [0, 1],
          ends: [1, 2],
          end_masks: [false, false],
        }),
      { x: { shape: [6] }, a: { shape: [2, 5] }, b: { shape: [5, 3] } },
    );
  });
});

describe("flatten2d", () => {
  it("at every axis", () => {
    fc.assert(
      fc.property(shapeOf(1, 5), fc.nat(), (shape, at) => {
        const axis = at % (shape.length + 1);
        checkGradients((f, { x }) => f.flatten2d({ x, axis }), { x: { shape } });
      }),
      { numRuns: 20 },
    );
  });
});

describe("transpose", () => {
  it("in every order, axes counted from either end", () => {
    const shapeAndPerm = shapeOf(1, 5).chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }),
        fc.boolean(),
      ),
    );
    fc.assert(
      fc.property(shapeAndPerm, ([shape, order, fromEnd]) => {
        const perm = order.map((axis) => (fromEnd ? axis - shape.length : axis));
        checkGradients((f, { x }) => f.transpose({ x, perm }), { x: { shape } });
      }),
      { numRuns: 30 },
    );
  });
});

describe("expand_dims and squeeze", () => {
  it("are inverse to each other", () => {
    fc.assert(
      fc.property(shapeAndAxes(1, 5), ([whole, axes]) => {
        const named = (axes ?? [...whole.keys()]).map(
          (axis) => (axis + whole.length) % whole.length,
        );
        const rest = whole.filter((_, axis) => !named.includes(axis));
        const expanded = whole.map((dim, axis) => (named.includes(axis) ? 1 : dim));
        checkGradients((f, { x }) => f.expand_dims({ x, axes: axes ?? named }), {
          x: { shape: rest },
        });
        checkGradients((f, { x }) => f.squeeze({ x, axes }), { x: { shape: expanded } });
      }),
      { numRuns: 30 },
    );
  });
});

describe("identity", () => {
  it("passes everything on", () => {
    checkGradients((f, { x }) => f.identity({ x }), { x: { shape: [2, 3] } });
    checkGradients((f, { x }) => f.reduce_sum({ x: f.identity({ x }) }), { x: { shape: [2, 3] } });
  });
});
