/** Gradients of gradients: what `grad` derives is itself a program, whose gradients are compared with its own differences. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { grad } from "../../src/autodiff/index.js";
import {
  buildProgram,
  type FunctionBuilder,
  interpret,
  tensor,
  type Value,
} from "../../src/index.js";
import { checkProgramGradients, randomNumbers } from "./finite-differences.js";

type Call = (f: FunctionBuilder, x: Value, y: Value) => Value;

/** Functions of x [2, 3, 4] and y of the same shape, both from 0.2 to 1.8. */
const FUNCTIONS: Readonly<Record<string, Call>> = {
  "arithmetic that broadcasts": (f, x, y) =>
    f.real_div({ x: f.mul({ x, y: f.reduce_sum({ x: y, axes: [1], keep_dims: true }) }), y }),
  pow: (f, x, y) => f.pow({ x, y }),
  "powers of roots": (f, x) => f.pow({ x: f.reduce_sum_square({ x, axes: [-1] }), y: -0.5 }),
  "unary functions": (f, x, y) =>
    f.sin({ x: f.exp({ x: f.mul({ x: f.log({ x }), y: f.atan({ x: y }) }) }) }),
  "roots and inverses": (f, x, y) =>
    f.mul({ x: f.rsqrt({ x }), y: f.inverse({ x: f.sqrt({ x: y }) }) }),
  gelu: (f, x) => f.gelu({ x }),
  "gelu by tanh": (f, x) => f.gelu({ x, mode: "TANH_APPROXIMATION" }),
  silu: (f, x) => f.silu({ x }),
  softplus: (f, x, y) => f.softplus({ x: f.mul({ x, y }) }),
  softmax: (f, x, y) => f.mul({ x: f.softmax({ x, axis: 1 }), y }),
  reduce_prod: (f, x) => f.reduce_prod({ x, axes: [0, 2] }),
  reduce_log_sum_exp: (f, x) => f.reduce_log_sum_exp({ x, axes: [1], keep_dims: true }),
  reduce_l2_norm: (f, x) => f.reduce_l2_norm({ x }),
  "reduce_max and clip": (f, x, y) =>
    f.mul({
      x: f.square({ x: f.reduce_max({ x, axes: [-1], keep_dims: true }) }),
      y: f.clip({ x: y, alpha: 0.5, beta: 9 }),
    }),
  layer_norm: (f, x) => f.layer_norm({ x, axes: [1, 2], epsilon: 0.125 }),
  instance_norm: (f, x) => f.instance_norm({ x, epsilon: 0.125 }),
  l2_norm: (f, x) => f.l2_norm({ x, epsilon: 0.125 }),
  local_response_norm: (f, x) => f.local_response_norm({ x, size: 3, alpha: 0.5 }),
  cumsum: (f, x, y) =>
    f.mul({ x: f.cumsum({ x, axis: 2, exclusive: true }), y: f.square({ x: y }) }),
  select: (f, x, y) =>
    f.select({ cond: f.greater({ x, y }), a: f.square({ x }), b: f.mul({ x, y }) }),
  "matmul and transpose": (f, x, y) => f.square({ x: f.matmul({ x, y, transpose_y: true }) }),
  "slices and joints": (f, x, y) =>
    f.square({
      x: f.concat({
        values: [
          f.slice_by_size({ x, begin: [0, 1, 0], size: [2, 2, 3] }),
          f.slice_by_size({ x: y, begin: [0, 0, 1], size: [2, 1, 3] }),
        ],
        axis: 1,
      }),
    }),
  reshape: (f, x, y) =>
    f.mul({
      x: f.reshape({ x, shape: [4, 6] }),
      y: f.square({ x: f.reshape({ x: y, shape: [4, 6] }) }),
    }),
  conv: (f, x, y) => {
    const weight = f.reshape({
      x: f.slice_by_size({ x: y, begin: [0, 0, 0], size: [2, 3, 2] }),
      shape: [2, 3, 2],
    });
    return f.square({ x: f.conv({ x, weight, pad_type: "valid" }) });
  },
  "conv with strides, groups and padding": (f, x, y) => {
    const weight = f.slice_by_size({ x: y, begin: [0, 0, 0], size: [2, 1, 2] });
    const image = f.slice_by_size({ x, begin: [0, 0, 0], size: [2, 2, 4] });
    return f.square({
      x: f.conv({ x: image, weight, groups: 2, strides: [2], pad_type: "custom", pad: [1, 0] }),
    });
  },
  conv_transpose: (f, x, y) => {
    const weight = f.transpose({ x: y, perm: [1, 0, 2] });
    return f.square({ x: f.conv_transpose({ x, weight, strides: [2] }) });
  },
  linear: (f, x, y) => {
    const weight = f.constant("weight", tensor("fp32", [2, 4]), [1, -2, 3, 0.5, 2, 1, -1, -3]);
    return f.square({ x: f.linear({ x: f.mul({ x, y }), weight }) });
  },
  einsum: (f, x, y) => {
    const turned = f.transpose({ x: y, perm: [2, 1, 0] });
    return f.square({ x: f.einsum({ values: [x, turned], equation: "chw,whu->chu" }) });
  },
  attention: (f, x, y) =>
    f.square({
      x: f.scaled_dot_product_attention({
        query: x,
        key: y,
        value: f.mul({ x, y }),
        attn_mask: f.constant("mask", tensor("fp32", [3, 3]), [0, -9, -9, 0, 0, -9, 0, 0, 0]),
      }),
    }),
  avg_pool: (f, x) =>
    f.square({
      x: f.avg_pool({
        x,
        kernel_sizes: [3],
        strides: [2],
        pad_type: "same",
        exclude_padding_from_average: true,
      }),
    }),
  max_pool: (f, x) =>
    f.square({ x: f.max_pool({ x, kernel_sizes: [2], strides: [1], pad_type: "valid" }) }),
  l2_pool: (f, x) => f.l2_pool({ x, kernel_sizes: [2], strides: [2], pad_type: "valid" }),
  gathers: (f, x, y) => {
    const indices = f.constant("indices", tensor("int32", [3]), [2, 0, 2]);
    const along = f.constant("along", tensor("int32", [2, 3, 1]), [0, 3, 1, 2, 2, 0]);
    const picked = f.gather({ x, indices, axis: 1 });
    return f.mul({
      x: f.square({ x: picked }),
      y: f.gather_along_axis({ x: f.square({ x: y }), indices: along, axis: 2 }),
    });
  },
  "scatter, which multiplies": (f, x, y) => {
    const indices = f.constant("indices", tensor("int32", [2]), [2, 0]);
    const updates = f.slice_by_size({ x: y, begin: [0, 0, 0], size: [2, 2, 4] });
    return f.square({ x: f.scatter({ data: x, indices, updates, axis: 1, mode: "mul" }) });
  },
  "pad, tile, reverse and strides": (f, x, y) => {
    const wide = f.pad({ x: f.square({ x }), pad: [1, 1], mode: "reflect" });
    const some = f.slice_by_index({
      x: f.tile({ x: f.mul({ x: y, y }), reps: [1, 1, 2] }),
      begin: [0, 0, 6],
      end: [2, 3, 0],
      stride: [1, 1, -1],
    });
    return f.mul({ x: wide, y: f.reverse({ x: some, axes: [1] }) });
  },
  topk: (f, x, y) =>
    f.mul({
      x: f.square({ x: f.topk({ x, k: 2 })[0]! }),
      y: f.slice_by_size({ x: y, begin: [0, 0, 0], size: [2, 3, 2] }),
    }),
  resize: (f, x) => {
    const image = f.reshape({ x, shape: [1, 2, 3, 4] });
    return f.square({
      x: f.upsample_bilinear({ x: image, scale_factor_height: 2, scale_factor_width: 2 }),
    });
  },
};

const X = tensor("fp32", [2, 3, 4]);

describe.each(Object.entries(FUNCTIONS))("%s", (_, call) => {
  it("has second derivatives", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const forward = buildProgram({}, (f) => ({ z: call(f, f.input("x", X), f.input("y", X)) }));
        const first = grad(forward, { of: "z", wrt: ["x", "y"], seed: "dz" });
        const random = randomNumbers(seed);
        const inputs = Object.fromEntries(
          first.functions[0]!.inputs.map(({ name, type }) => {
            const count = (type as typeof X).shape.reduce((product, dim) => product * dim, 1);
            const data = Array.from(
              { length: count },
              () => 0.2 + Math.round(1638 * random()) / 1024,
            );
            return [name, { type: type as typeof X, data }];
          }),
        );
        checkProgramGradients(first, inputs, ["x", "y", "dz"], {
          seed,
          kinks: true,
          tolerance: 1e-5,
        });
      }),
      { numRuns: 2 },
    );
  });
});

describe("older opsets", () => {
  const newer = ["attention", "conv_transpose"];
  const functions = Object.entries(FUNCTIONS).filter(([name]) => !newer.includes(name));

  it.each(functions)("have all that the gradients of gradients of %s need", (_, call) => {
    const forward = buildProgram({ opset: "ios15" }, (f) => ({
      z: call(f, f.input("x", X), f.input("y", X)),
    }));
    const first = grad(forward, { of: "z", wrt: ["x"], seed: "dz" });
    const second = grad(first, { of: "d_x", wrt: ["y"], seed: "ddz" });
    expect(second.functions[0]!.outputs.map(({ name }) => name)).toEqual(["d_y"]);
  });
});

it("third derivatives: x⁴ gives 24 x", () => {
  const x = tensor("fp32", [1]);
  const fourth = buildProgram({}, (f) => ({ y: f.pow({ x: f.input("x", x), y: 4 }) }));
  let derived = fourth;
  let of = "y";
  for (const prefix of ["a_", "b_", "c_"]) {
    derived = grad(derived, { of, wrt: ["x"], prefix });
    of = `${prefix}x`;
  }
  const result = interpret(derived, { x: { type: x, data: [3] } }, { numerics: "float64" });
  expect(result.c_x!.data[0]).toBe(72);
});
