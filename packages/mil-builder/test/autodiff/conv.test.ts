import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { grad } from "../../src/autodiff/index.js";
import { buildProgram, tensor, verify } from "../../src/index.js";
import { checkGradients } from "./finite-differences.js";

const extent = (least: number, most: number) => fc.integer({ min: least, max: most });

/** Geometry of 1 to 3 spatial dims in which a kernel fits. */
const geometry = extent(1, 3).chain((dims) => {
  const vector = (least: number, most: number) =>
    fc.array(extent(least, most), { minLength: dims, maxLength: dims });
  return fc.record({
    spatial: vector(dims === 3 ? 2 : 3, dims === 3 ? 3 : 6),
    kernel: vector(1, dims === 3 ? 2 : 3),
    strides: vector(1, 3),
    dilations: vector(1, 2),
    pad: fc.array(extent(0, 3), { minLength: 2 * dims, maxLength: 2 * dims }),
    batch: extent(1, 2),
    groups: extent(1, 3),
    inputs: extent(1, 2),
    outputs: extent(1, 2),
    seed: fc.nat(),
  });
});

describe("conv", () => {
  it.each(["valid", "custom", "same", "same_lower"] as const)("of pad_type %s", (pad_type) => {
    fc.assert(
      fc.property(geometry, fc.boolean(), fc.boolean(), (g, constant, isOld) => {
        const dilations = constant ? g.dilations : g.dilations.map(() => 1);
        const padding = pad_type === "custom" ? g.pad : g.pad.map(() => 0);
        const fits = g.kernel.every(
          (size, axis) =>
            pad_type.startsWith("same") ||
            (size - 1) * dilations[axis]! + 1 <=
              g.spatial[axis]! + padding[2 * axis]! + padding[2 * axis + 1]!,
        );
        fc.pre(fits);
        checkGradients(
          (f, v) =>
            f.conv({
              x: v.x,
              weight: v.weight,
              bias: v.bias,
              strides: g.strides,
              dilations,
              pad_type,
              pad: g.pad,
              groups: g.groups,
            }),
          {
            x: { shape: [g.batch, g.inputs * g.groups, ...g.spatial] },
            weight: { shape: [g.outputs * g.groups, g.inputs, ...g.kernel], constant },
            bias: { shape: [g.outputs * g.groups], constant: constant || isOld },
          },
          { seed: g.seed, opset: isOld ? "ios16" : "ios18" },
        );
      }),
      { numRuns: 30 },
    );
  });

  it("of one element: without defaults written out, with and without strides", () => {
    const shapes = { x: { shape: [2, 3, 1, 4] }, weight: { shape: [5, 3, 1, 1], constant: true } };
    checkGradients((f, { x, weight }) => f.conv({ x, weight }), shapes);
    checkGradients((f, { x, weight }) => f.conv({ x, weight, strides: [1, 2] }), shapes);
    checkGradients(
      (f, { x, weight }) =>
        f.conv({ x, weight, strides: [1, 2], pad_type: "custom", pad: [0, 0, 0, 4] }),
      shapes,
    );
  });

  it("reads nothing of x where padding alone is under the kernel", () => {
    checkGradients(
      (f, { x, weight }) => f.conv({ x, weight, strides: [4], pad_type: "custom", pad: [3, 0] }),
      { x: { shape: [1, 2, 1] }, weight: { shape: [1, 2, 1] } },
    );
  });

  it("of weights in another dtype", () => {
    checkGradients(
      (f, v) => f.conv({ x: v.x, weight: v.weight, bias: v.bias }),
      {
        x: { shape: [1, 2, 4, 4] },
        weight: { shape: [3, 2, 1, 1], dtype: "fp16", data: [1, -1, 0.5, 2, 0, 1], constant: true },
        bias: { shape: [3], dtype: "fp16", data: [1, 0, 2], constant: true },
      },
      { step: 1 / 8 },
    );
  });

  it("of one element verifies where the forward does, but for the weight that is transposed when it runs", () => {
    const program = buildProgram({}, (f) => {
      const x = f.input("x", tensor("fp16", [1, 64, 1, 64]));
      const weight = f.blob("w", tensor("fp16", [64, 64, 1, 1]), "@model_path/w.bin");
      return { y: f.conv({ x, weight, pad_type: "valid", strides: [1, 1], groups: 1 }, "y") };
    });
    const rules = (of: typeof program) => verify(of, { chip: "m1" }).map(({ rule }) => rule);
    const backward = grad(program, { of: "y", wrt: ["x"], seed: "x_seed" });
    const known = ["conv-weight", ...rules(program)];
    expect(rules(backward).filter((rule) => !known.includes(rule))).toEqual([]);
  });
});

describe("conv_transpose", () => {
  it.each(["valid", "custom", "same"] as const)("of pad_type %s", (pad_type) => {
    fc.assert(
      fc.property(geometry, fc.boolean(), extent(0, 3), (g, constant, more) => {
        const full = g.spatial.map(
          (size, axis) =>
            (size - 1) * g.strides[axis]! + (g.kernel[axis]! - 1) * g.dilations[axis]! + 1,
        );
        const output = full.map((size, axis) => size - g.pad[2 * axis]! - g.pad[2 * axis + 1]!);
        fc.pre(pad_type !== "custom" || output.every((size) => size > 0));
        const outputs = g.outputs * g.groups;
        const output_shape =
          pad_type === "custom" && more > 0
            ? [g.batch, outputs, ...output.map((size) => size + more)]
            : undefined;
        checkGradients(
          (f, v) =>
            f.conv_transpose({
              x: v.x,
              weight: v.weight,
              bias: v.bias,
              strides: g.strides,
              dilations: g.dilations,
              pad_type,
              pad: g.pad,
              output_shape,
              groups: g.groups,
            }),
          {
            x: { shape: [g.batch, g.inputs * g.groups, ...g.spatial] },
            weight: { shape: [g.inputs * g.groups, g.outputs, ...g.kernel], constant },
            bias: { shape: [outputs], constant },
          },
          { seed: g.seed },
        );
      }),
      { numRuns: 30 },
    );
  });
});
