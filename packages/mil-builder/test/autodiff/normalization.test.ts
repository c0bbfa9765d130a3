import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkGradients, gradientsAt } from "./finite-differences.js";
import { shapeAndAxes, shapeOf } from "./random-shapes.js";

/** [N, C, ...] with so many spatial dims. */
const images = (least: number, most: number) =>
  fc
    .tuple(shapeOf(2, 2), shapeOf(least, most))
    .map(([front, rest]): readonly number[] => [...front, ...rest]);

describe("layer_norm", () => {
  it("over any axes, with any parameters", () => {
    fc.assert(
      fc.property(
        shapeAndAxes(1, 4),
        fc.boolean(),
        fc.boolean(),
        fc.nat(),
        ([shape, axes], hasGamma, hasBeta, seed) => {
          const normalized = (axes ?? [...shape.keys()]).map(
            (it) => (it + shape.length) % shape.length,
          );
          const own = shape.filter((_, axis) => normalized.includes(axis));
          const parameter = { shape: own, constant: true };
          checkGradients(
            (f, { x, gamma, beta }) =>
              f.layer_norm({
                x,
                axes,
                gamma: hasGamma ? gamma : undefined,
                beta: hasBeta ? beta : undefined,
                epsilon: 0.125,
              }),
            { x: { shape }, gamma: parameter, beta: parameter },
            { seed },
          );
        },
      ),
      { numRuns: 30 },
    );
  });

  it("of parameters that have another dtype", () => {
    checkGradients(
      (f, { x, gamma, beta }) => f.layer_norm({ x, axes: [1], gamma, beta }),
      {
        x: { shape: [2, 3] },
        gamma: { shape: [3], dtype: "fp16", low: -1, high: 1, constant: true },
        beta: { shape: [3], dtype: "fp16", low: -1, high: 1, constant: true },
      },
      // Steps that fp16 constants can make.
      { step: 2 ** -6 },
    );
  });

  it("in fp16 stays within the range for large activations", () => {
    const D = 512;
    const data = Array.from({ length: D }, (_, i) => ((i * 37) % 101) * 4 - 200);
    const weights = Array.from({ length: D }, (_, i) => ((i * 53) % 97) / 97);
    const slopes = (dtype: "fp16" | "fp32") =>
      gradientsAt(
        (f, { x, w }) => f.mul({ x: f.layer_norm({ x, axes: [1] }), y: w }),
        {
          x: { shape: [1, D], dtype, data },
          w: { shape: [1, D], dtype, data: weights, fixed: true },
        },
        { numerics: dtype },
      ).x!;
    const exact = slopes("fp32");
    const largest = Math.max(...exact.map(Math.abs));
    slopes("fp16").forEach((slope, i) => {
      expect(Math.abs(slope - exact[i]!) / largest).toBeLessThan(0.01);
    });
  });
});

describe("instance_norm", () => {
  it("with any parameters", () => {
    fc.assert(
      fc.property(
        images(1, 2),
        fc.boolean(),
        fc.boolean(),
        fc.nat(),
        (shape, hasGamma, hasBeta, seed) => {
          const parameter = { shape: [shape[1]!], constant: true };
          checkGradients(
            (f, { x, gamma, beta }) =>
              f.instance_norm({
                x,
                gamma: hasGamma ? gamma : undefined,
                beta: hasBeta ? beta : undefined,
                epsilon: 0.125,
              }),
            { x: { shape }, gamma: parameter, beta: parameter },
            { seed },
          );
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe("batch_norm", () => {
  it("of everything that it is given", () => {
    fc.assert(
      fc.property(
        images(1, 3),
        fc.boolean(),
        fc.boolean(),
        fc.nat(),
        (shape, hasGamma, hasBeta, seed) => {
          const parameter = { shape: [shape[1]!], constant: true };
          checkGradients(
            (f, { x, mean, variance, gamma, beta }) =>
              f.batch_norm({
                x,
                mean,
                variance,
                gamma: hasGamma ? gamma : undefined,
                beta: hasBeta ? beta : undefined,
                epsilon: 0.125,
              }),
            {
              x: { shape },
              mean: parameter,
              variance: { ...parameter, low: 0.5 },
              gamma: parameter,
              beta: parameter,
            },
            { seed },
          );
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe("l2_norm", () => {
  it("over the last three dims", () => {
    fc.assert(
      fc.property(shapeOf(3, 5), fc.nat(), (shape, seed) => {
        checkGradients((f, { x }) => f.l2_norm({ x, epsilon: 0.125 }), { x: { shape } }, { seed });
      }),
      { numRuns: 20 },
    );
  });
});

describe("local_response_norm", () => {
  it("over windows of any size", () => {
    fc.assert(
      fc.property(
        shapeOf(1, 2),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 6 }),
        fc.nat(),
        (rest, channels, size, seed) => {
          checkGradients(
            (f, { x }) => f.local_response_norm({ x, size, alpha: 0.5, beta: 0.75, k: 1 }),
            { x: { shape: [2, channels, ...rest] } },
            { seed },
          );
        },
      ),
      { numRuns: 20 },
    );
  });
});
