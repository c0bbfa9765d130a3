/** The same as verify.test.ts of ops that multiply, window and move: gradients of what the engine has consist of what it has. */
import { describe, expect, it } from "vitest";
import { grad } from "../../src/autodiff/index.js";
import {
  buildProgram,
  type FunctionBuilder,
  runPasses,
  tensor,
  type Value,
  verify,
} from "../../src/index.js";

const CHANNELS = 64;
const SHAPE = [1, CHANNELS, 1, 64] as const;

type Call = (f: FunctionBuilder, x: Value, y: Value) => Value;

const weight = (f: FunctionBuilder, shape: readonly number[]) =>
  f.constant("w", tensor("fp16", shape), filled(shape));
const filled = (shape: readonly number[]) =>
  new Float64Array(shape.reduce((product, dim) => product * dim, 1)).fill(0.5);

const ONES = { strides: [1, 1], dilations: [1, 1], pad: [0, 0, 0, 0], groups: 1 } as const;
const HALVED = { kernel_sizes: [1, 2], strides: [1, 2], pad_type: "valid" } as const;

const CALLS: Readonly<Record<string, Call>> = {
  matmul: (f, x, y) => f.matmul({ x, y, transpose_x: true, transpose_y: false }),
  "matmul with a constant": (f, x) => f.matmul({ x, y: weight(f, [64, 32]) }),
  linear: (f, x) => f.linear({ x, weight: weight(f, [32, 64]) }),
  einsum: (f, x, y) => {
    const turned = f.transpose({ x: y, perm: [0, 3, 2, 1] });
    return f.einsum({ values: [x, turned], equation: "nchw,nwhu->nchu" });
  },
  "conv of one element": (f, x) =>
    f.conv({ x, weight: weight(f, [32, 64, 1, 1]), pad_type: "valid", ...ONES }),
  conv: (f, x) => f.conv({ x, weight: weight(f, [32, 64, 1, 3]), pad_type: "same", ...ONES }),
  "conv with strides and groups": (f, x) => {
    const more = { ...ONES, strides: [1, 2], groups: 2 };
    return f.conv({ x, weight: weight(f, [32, 32, 1, 3]), pad_type: "same", ...more });
  },
  conv_transpose: (f, x) =>
    f.conv_transpose({ x, weight: weight(f, [64, 32, 1, 2]), ...ONES, strides: [1, 2] }),
  avg_pool: (f, x) => f.avg_pool({ x, ...HALVED }),
  max_pool: (f, x) => f.max_pool({ x, ...HALVED }),
  l2_pool: (f, x) => f.l2_pool({ x, ...HALVED }),
  attention: (f, x, y) => f.scaled_dot_product_attention({ query: x, key: y, value: y }),
  slice_by_size: (f, x) => f.slice_by_size({ x, begin: [0, 32, 0, 0], size: [1, 32, 1, 64] }),
  "slice_by_index with strides": (f, x) =>
    f.slice_by_index({ x, begin: [0, 0, 0, 0], end: SHAPE, stride: [1, 2, 1, 1] }),
  concat: (f, x, y) => f.concat({ values: [x, y], axis: 1, interleave: false }),
  split: (f, x) => f.split({ x, axis: 1, num_splits: 2 })[1]!,
  stack: (f, x, y) => f.stack({ values: [x, y], axis: 1 }),
  pad: (f, x) => f.pad({ x, pad: [0, 0, 32, 32], mode: "constant", constant_val: 0 }),
  "pad that reflects": (f, x) => f.pad({ x, pad: [0, 0, 32, 32], mode: "reflect" }),
  tile: (f, x) => f.tile({ x, reps: [1, 2, 1, 1] }),
  reshape: (f, x) => f.reshape({ x, shape: [1, 8, 8, 64] }),
  transpose: (f, x) => f.transpose({ x, perm: [0, 2, 1, 3] }),
  reverse: (f, x) => f.reverse({ x, axes: [1] }),
  depth_to_space: (f, x) => f.depth_to_space({ x, block_size: 2 }),
  pixel_shuffle: (f, x) => f.pixel_shuffle({ x, upscale_factor: 2 }),
  resize_bilinear: (f, x) =>
    f.resize_bilinear({ x, target_size_height: 2, target_size_width: 128 }),
  upsample_nearest_neighbor: (f, x) =>
    f.upsample_nearest_neighbor({ x, scale_factor_height: 2, scale_factor_width: 1 }),
  gather: (f, x) =>
    f.gather({ x, indices: f.constant("i", tensor("uint16", [3]), [1, 2, 1]), axis: 1 }),
};

/**
 * Warnings that are new. A weight is transposed when the program runs (deriveTraining brings it along transposed); lines of other
 * axes than the last two become matrices by a reshape; the width is cut or added up as the op itself does.
 */
const NEW: Readonly<Record<string, readonly string[]>> = {
  "conv of one element": ["conv-weight"],
  gather: ["matmul-view"],
  max_pool: ["width-axis"],
  pad: ["width-axis"],
  "pad that reflects": ["width-axis"],
  pixel_shuffle: ["width-axis"],
};

describe.each(Object.entries(CALLS))("%s", (name, call) => {
  it.each(["m1", "m3", "m4", "m5"] as const)("on %s", (chip) => {
    const forward = buildProgram({}, (f) => {
      const x = f.mul({ x: f.input("x", tensor("fp16", SHAPE)), y: 2 });
      const y = f.mul({ x: f.input("y", tensor("fp16", SHAPE)), y: 2 });
      return { p: f.mul({ x: call(f, x, y), y: 2 }) };
    });
    const kept = verify(forward, { chip }).map(({ rule }) => rule);
    const backward = runPasses(grad(forward, { of: "p", wrt: ["x", "y"], seed: "z" }));
    const found = verify(backward, { chip }).map(({ rule }) => rule);
    // Sizes of the ports are not the rules' choice.
    const known = [...kept, ...(NEW[name] ?? []), "surface-sizes"];
    expect(found.filter((rule) => !known.includes(rule))).toEqual([]);
  });
});
