import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { grad } from "../../src/autodiff/index.js";
import { buildProgram, interpret, tensor } from "../../src/index.js";
import { checkGradients } from "./finite-differences.js";

const extent = (least: number, most: number) => fc.integer({ min: least, max: most });

const geometry = extent(1, 3).chain((dims) => {
  const vector = (least: number, most: number) =>
    fc.array(extent(least, most), { minLength: dims, maxLength: dims });
  return fc.record({
    spatial: vector(3, dims === 3 ? 3 : 6),
    kernel_sizes: vector(1, dims === 3 ? 2 : 3),
    strides: vector(1, 3),
    margin: vector(0, 1),
    other: vector(0, 1),
    pad_type: fc.constantFrom("valid", "custom", "same", "same_lower"),
    ceil_mode: fc.boolean(),
    batch: extent(1, 2),
    channels: extent(1, 3),
    seed: fc.nat(),
  });
});

describe.each(["avg_pool", "max_pool", "l2_pool"] as const)("%s", (type) => {
  it("of every pad_type, with and without ceil_mode", () => {
    fc.assert(
      fc.property(geometry, fc.boolean(), (g, exclude) => {
        const dims = g.spatial.length;
        fc.pre(type !== "l2_pool" || dims < 3);
        const ceil_mode = g.ceil_mode && dims < 3 && g.pad_type !== "same";
        const pad = g.margin.flatMap((amount, axis) => [
          Math.min(amount, g.kernel_sizes[axis]! - 1),
          ceil_mode
            ? Math.min(amount, g.kernel_sizes[axis]! - 1)
            : Math.min(g.other[axis]!, g.kernel_sizes[axis]! - 1),
        ]);
        // A window that begins beyond x has neither maximum nor mean.
        fc.pre(!ceil_mode || g.strides.every((stride, axis) => stride <= g.kernel_sizes[axis]!));
        const { kernel_sizes, strides, pad_type } = g;
        const given = { kernel_sizes, strides, pad_type, pad, ceil_mode } as const;
        checkGradients(
          (f, { x }) =>
            type === "avg_pool"
              ? f.avg_pool({ x, ...given, exclude_padding_from_average: exclude })
              : f[type]({ x, ...given }),
          { x: { shape: [g.batch, g.channels, ...g.spatial], apart: 2 ** -8 } },
          { seed: g.seed, tolerance: 1e-5 },
        );
      }),
      { numRuns: 50 },
    );
  });
});

/** dx of 1s, in float64. */
function pooledGradient(type: "max_pool" | "l2_pool", data: readonly number[]): readonly number[] {
  const program = buildProgram({}, (f) => {
    const x = f.input("x", tensor("fp16", [1, 1, data.length]));
    const y = f[type]({ x, kernel_sizes: [3], strides: [1], pad_type: "same" }, "y");
    return { sum: f.reduce_sum({ x: y, axes: [-1], keep_dims: true }, "sum") };
  });
  const backward = grad(program, { of: "sum", wrt: ["x"] });
  const type_ = tensor("fp16", [1, 1, data.length]);
  const result = interpret(backward, { x: { type: type_, data } }, { numerics: "fp16" });
  return [...result.d_x!.data];
}

describe("subgradients", () => {
  it("max_pool gives the gradient to the first of equal elements", () => {
    expect(pooledGradient("max_pool", [2, 2, 2, 1])).toEqual([2, 1, 1, 0]);
    expect(pooledGradient("max_pool", [-3, -3, -60000, -60000])).toEqual([2, 1, 1, 0]);
  });

  it("l2_pool of zeros is 0", () => {
    expect(pooledGradient("l2_pool", [0, 0, 0, 3])).toEqual([0, 0, 0, 2]);
  });
});
