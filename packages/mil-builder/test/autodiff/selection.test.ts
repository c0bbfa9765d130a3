/** Gradients of select and cumsum; of branches, loops and random numbers, which have none. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GradientError, grad } from "../../src/autodiff/index.js";
import { buildProgram, tensor } from "../../src/index.js";
import { checkGradients, gradientsAt } from "./finite-differences.js";
import { broadcastPair, shapeAndAxis } from "./random-shapes.js";

describe("select", () => {
  it("of operands that broadcast with each other and with the condition", () => {
    fc.assert(
      fc.property(broadcastPair, fc.nat(), fc.nat(), ([a, b], kept, seed) => {
        const rank = Math.max(a.length, b.length);
        const at = (shape: readonly number[], axis: number) =>
          shape[axis - rank + shape.length] ?? 1;
        const whole = Array.from({ length: rank }, (_, axis) => Math.max(at(a, axis), at(b, axis)));
        const shape = whole.map((dim, axis) => ((kept >> axis) & 1 ? dim : 1));
        const count = shape.reduce((product, dim) => product * dim, 1);
        const data = Array.from({ length: count }, (_, i) => (seed >> (i % 20)) & 1);
        checkGradients(
          (f, v) => f.select({ cond: v.cond, a: v.a, b: v.b }),
          { cond: { shape, dtype: "bool", data }, a: { shape: a }, b: { shape: b } },
          { seed },
        );
      }),
      { numRuns: 30 },
    );
  });

  it("keeps what was not chosen out, even if it has no finite slope", () => {
    const { x } = gradientsAt(
      (f, v) => f.select({ cond: f.greater({ x: v.x, y: 0 }), a: v.x, b: 0 }),
      { x: { shape: [3], data: [-1, 0, 2] } },
    );
    expect(x).toEqual([0, 0, 1]);
  });
});

describe("cumsum", () => {
  it("in all four forms", () => {
    fc.assert(
      fc.property(
        shapeAndAxis(1, 4),
        fc.boolean(),
        fc.boolean(),
        fc.nat(),
        ([shape, axis], exclusive, reverse, seed) => {
          checkGradients(
            (f, { x }) => f.cumsum({ x, axis, exclusive, reverse }),
            { x: { shape } },
            { seed },
          );
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe("blocks", () => {
  const X = tensor("fp32", [1]);

  it("are refused with what to do instead", () => {
    const branches = buildProgram({}, (f) => {
      const x = f.input("x", X);
      const pred = f.input("pred", tensor("bool", []));
      return f.cond(
        { pred, whenTrue: () => [f.sin({ x })], whenFalse: () => [f.cos({ x })] },
        "chosen",
      );
    });
    const derive = () => grad(branches, { of: "chosen", wrt: ["x"] });
    expect(derive).toThrow(GradientError);
    expect(derive).toThrow(
      'grad: op "cond" (value "chosen"): gradients do not pass blocks. Compute both sides and choose with select.',
    );
  });

  it("that the value does not depend on are no hindrance", () => {
    const beside = buildProgram({}, (f) => {
      const x = f.input("x", X);
      const pred = f.input("pred", tensor("bool", []));
      const c = f.constant("c", X, [2]);
      const [chosen] = f.cond({
        pred,
        whenTrue: () => [f.sin({ x: c })] as const,
        whenFalse: () => [f.cos({ x: c })] as const,
      });
      return { y: f.mul({ x, y: chosen }) };
    });
    expect(() => grad(beside, { of: "y", wrt: ["x"] })).not.toThrow();
  });
});

describe("random numbers", () => {
  it("are constants to gradients", () => {
    const noisy = buildProgram({}, (f) => {
      const x = f.input("x", tensor("fp32", [2]));
      const noise = f.random_normal({ shape: [2], mean: 0, stddev: 1 }, "noise");
      return { y: f.reduce_sum({ x: f.mul({ x, y: noise }) }) };
    });
    const { operations } = grad(noisy, { of: "y", wrt: ["x"] }).functions[0]!;
    expect(operations.filter(({ type }) => type === "random_normal")).toHaveLength(1);
  });
});
