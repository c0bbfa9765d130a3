/**
 * Gradients against PyTorch's, op by op, subgradients at ties and bounds among them. The fixture is written by
 * tools/fixtures/autodiff.py, whose cases have the same names.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { jointGraph } from "../../src/autodiff/index.js";
import {
  buildProgram,
  type FunctionBuilder,
  interpret,
  type TensorType,
  tensor,
  type Value,
} from "../../src/index.js";

type Stored = readonly [shape: readonly number[], elements: readonly number[]];

interface Case {
  readonly inputs: Readonly<Record<string, Stored>>;
  readonly cotangent: Stored;
  readonly result: Stored;
  readonly gradients: Readonly<Record<string, Stored>>;
}

const cases = JSON.parse(
  readFileSync(new URL("fixtures/torch-gradients.json", import.meta.url), "utf8"),
) as Readonly<Record<string, Case>>;

type Build = (f: FunctionBuilder, v: Readonly<Record<string, Value>>) => Value;

const integers = (f: FunctionBuilder, shape: readonly number[], elements: readonly number[]) =>
  f.constant("indices", tensor("int32", shape), elements);

/** Of the norms. */
const EPSILON = 2 ** -10;

/** Inputs that MIL wants as constants: parameters of these names. */
const CONSTANT = ["mean", "variance", "gamma", "beta", "weight", "bias", "alpha"];

const BUILDS: Readonly<Record<string, Build>> = {
  gelu_exact: (f, { x }) => f.gelu({ x: x!, mode: "EXACT" }),
  gelu_tanh: (f, { x }) => f.gelu({ x: x!, mode: "TANH_APPROXIMATION" }),
  gelu_sigmoid: (f, { x }) => f.gelu({ x: x!, mode: "SIGMOID_APPROXIMATION" }),
  silu: (f, { x }) => f.silu({ x: x! }),
  softplus: (f, { x }) => f.softplus({ x: x! }),
  softsign: (f, { x }) => f.softsign({ x: x! }),
  elu: (f, { x }) => f.elu({ x: x!, alpha: 0.5 }),
  prelu: (f, { x, alpha }) => f.prelu({ x: x!, alpha: alpha! }),
  leaky_relu_at_zero: (f, { x }) => f.leaky_relu({ x: x!, alpha: 0.125 }),
  relu_at_zero: (f, { x }) => f.relu({ x: x! }),
  relu6_at_bounds: (f, { x }) => f.relu6({ x: x! }),
  abs_at_zero: (f, { x }) => f.abs({ x: x! }),
  clip_at_bounds: (f, { x }) => f.clip({ x: x!, alpha: -1, beta: 1 }),
  maximum_ties: (f, { x, y }) => f.maximum({ x: x!, y: y! }),
  minimum_ties: (f, { x, y }) => f.minimum({ x: x!, y: y! }),
  pow: (f, { x, y }) => f.pow({ x: x!, y: y! }),
  real_div: (f, { x, y }) => f.real_div({ x: x!, y: y! }),
  erf: (f, { x }) => f.erf({ x: x! }),
  softmax: (f, { x }) => f.softmax({ x: x!, axis: 1 }),
  log_sum_exp: (f, { x }) => f.reduce_log_sum_exp({ x: x!, axes: [0, 2] }),
  reduce_max_ties: (f, { x }) => f.reduce_max({ x: x!, axes: [1] }),
  reduce_min_ties: (f, { x }) => f.reduce_min({ x: x! }),
  reduce_prod_zero: (f, { x }) => f.reduce_prod({ x: x!, axes: [-1] }),
  reduce_l2_norm: (f, { x }) => f.reduce_l2_norm({ x: x!, axes: [1, 2] }),
  reduce_l2_norm_of_zeros: (f, { x }) => f.reduce_l2_norm({ x: x!, axes: [1] }),
  reduce_mean: (f, { x }) => f.reduce_mean({ x: x!, axes: [1, 2] }),
  cumsum: (f, { x }) => f.cumsum({ x: x!, axis: 1 }),
  where: (f, { x, y }) => {
    const cond = f.constant("cond", tensor("bool", [4]), [true, false, false, true]);
    return f.select({ cond, a: x!, b: y! });
  },
  layer_norm: (f, { x, gamma, beta }) =>
    f.layer_norm({ x: x!, axes: [1, 2], gamma: gamma!, beta: beta!, epsilon: EPSILON }),
  batch_norm: (f, { x, mean, variance, gamma, beta }) =>
    f.batch_norm({
      x: x!,
      mean: mean!,
      variance: variance!,
      gamma: gamma!,
      beta: beta!,
      epsilon: EPSILON,
    }),
  instance_norm: (f, { x, gamma, beta }) =>
    f.instance_norm({ x: x!, gamma: gamma!, beta: beta!, epsilon: EPSILON }),
  local_response_norm: (f, { x }) =>
    f.local_response_norm({ x: x!, size: 3, alpha: 0.5, beta: 0.75, k: 1 }),
  matmul_broadcast: (f, { x, y }) => f.matmul({ x: x!, y: y!, transpose_y: true }),
  matmul_vector: (f, { x, y }) => f.matmul({ x: x!, y: y! }),
  linear: (f, { x, weight, bias }) => f.linear({ x: x!, weight: weight!, bias: bias! }),
  einsum: (f, { a, b }) => f.einsum({ values: [a!, b!], equation: "nchw,nwhu->nchu" }),
  conv_pointwise: (f, { x, weight, bias }) => f.conv({ x: x!, weight: weight!, bias: bias! }),
  conv_causal: (f, { x, weight }) =>
    f.conv({ x: x!, weight: weight!, pad_type: "custom", pad: [4, 0], dilations: [2] }),
  conv_general: (f, { x, weight, bias }) =>
    f.conv({
      x: x!,
      weight: weight!,
      bias: bias!,
      strides: [2, 1],
      pad_type: "custom",
      pad: [1, 1, 2, 2],
      dilations: [1, 2],
      groups: 2,
    }),
  conv_depthwise: (f, { x, weight }) =>
    f.conv({ x: x!, weight: weight!, groups: 4, pad_type: "same" }),
  conv_volume: (f, { x, weight }) =>
    f.conv({
      x: x!,
      weight: weight!,
      strides: [2, 2, 2],
      pad_type: "custom",
      pad: [1, 1, 1, 1, 1, 1],
    }),
  conv_transpose: (f, { x, weight, bias }) =>
    f.conv_transpose({
      x: x!,
      weight: weight!,
      bias: bias!,
      strides: [2, 3],
      pad_type: "custom",
      pad: [1, 0, 1, 0],
      dilations: [1, 2],
      groups: 2,
    }),
  max_pool_ties: (f, { x }) =>
    f.max_pool({
      x: x!,
      kernel_sizes: [2, 3],
      strides: [1, 2],
      pad_type: "custom",
      pad: [1, 1, 1, 1],
    }),
  avg_pool_ceil: (f, { x }) =>
    f.avg_pool({
      x: x!,
      kernel_sizes: [3, 3],
      strides: [2, 2],
      pad_type: "custom",
      pad: [1, 1, 1, 1],
      ceil_mode: true,
    }),
  avg_pool_exclude: (f, { x }) =>
    f.avg_pool({
      x: x!,
      kernel_sizes: [3, 3],
      strides: [2, 2],
      pad_type: "custom",
      pad: [1, 1, 1, 1],
      exclude_padding_from_average: true,
    }),
  l2_pool: (f, { x }) => f.l2_pool({ x: x!, kernel_sizes: [3], strides: [2], pad_type: "valid" }),
  attention: (f, { query, key, value }) =>
    f.scaled_dot_product_attention({ query: query!, key: key!, value: value! }),
  attention_mask: (f, { query, key, value, mask }) =>
    f.scaled_dot_product_attention({ query: query!, key: key!, value: value!, attn_mask: mask! }),
  embedding: (f, { x }) =>
    f.gather({ x: x!, indices: integers(f, [2, 3], [1, 4, 1, 0, 4, 4]), axis: 0 }),
  gather_along_axis: (f, { x }) =>
    f.gather_along_axis({ x: x!, indices: integers(f, [2, 3], [0, 2, 0, 1, 1, 3]), axis: 1 }),
  scatter_add: (f, { data, updates }) => {
    const indices = integers(f, [2, 3], [0, 2, 2, 1, 1, 0]);
    return f.scatter_along_axis({ data: data!, indices, updates: updates!, axis: 1, mode: "add" });
  },
  scatter_max_ties: (f, { data, updates }) => {
    const indices = integers(f, [2, 3], [0, 2, 2, 1, 1, 0]);
    return f.scatter_along_axis({ data: data!, indices, updates: updates!, axis: 1, mode: "max" });
  },
  index_copy: (f, { data, updates }) => {
    const indices = integers(f, [2], [2, 0]);
    return f.scatter({ data: data!, indices, updates: updates!, axis: 0, mode: "update" });
  },
  pad_reflect: (f, { x }) => f.pad({ x: x!, pad: [1, 2, 2, 1], mode: "reflect" }),
  pad_replicate: (f, { x }) => f.pad({ x: x!, pad: [1, 2, 2, 1], mode: "replicate" }),
  tile: (f, { x }) => f.tile({ x: x!, reps: [2, 1, 3] }),
  pixel_shuffle: (f, { x }) => f.pixel_shuffle({ x: x!, upscale_factor: 2 }),
  upsample_bilinear: (f, { x }) =>
    f.upsample_bilinear({
      x: x!,
      scale_factor_height: 2,
      scale_factor_width: 3,
      align_corners: false,
    }),
  upsample_bilinear_aligned: (f, { x }) =>
    f.upsample_bilinear({ x: x!, scale_factor_height: 2, scale_factor_width: 3 }),
  resize_nearest: (f, { x }) =>
    f.resize_nearest_neighbor({ x: x!, target_size_height: 5, target_size_width: 2 }),
  topk: (f, { x }) => f.topk({ x: x!, k: 3, axis: 1 })[0]!,
  strided_slice: (f, { x }) =>
    f.slice_by_index({
      x: x!,
      begin: [1, 0, 1],
      end: [3, 7, 2],
      stride: [1, 3, 1],
      squeeze_mask: [false, false, true],
    }),
  elu_at_zero: (f, { x }) => f.elu({ x: x!, alpha: 0.5 }),
  prelu_at_zero: (f, { x, alpha }) => f.prelu({ x: x!, alpha: alpha! }),
  sigmoid_hard_at_bounds: (f, { x }) => f.sigmoid_hard({ x: x!, alpha: 0.25, beta: 0.5 }),
  threshold_at_bound: (f, { x }) => f.threshold({ x: x!, alpha: 1 }),
  mod: (f, { x, y }) => f.mod({ x: x!, y: y! }),
  fake_quantize: (f, { x }) => {
    const scale = f.constant("scale", tensor("fp32", []), 0.25);
    const zero_point = f.constant("zero_point", tensor("int8", []), 3);
    const input = f.quantize({ input: x!, scale, zero_point, output_dtype: "int8" });
    return f.dequantize({ input, scale, zero_point });
  },
};

const typeOf = ([shape]: Stored): TensorType => tensor("fp32", shape);

describe("gradients of PyTorch", () => {
  it("are of the cases that are built here", () => {
    expect(Object.keys(BUILDS)).toEqual(Object.keys(cases));
  });

  it.each(Object.entries(BUILDS))("%s", (name, build) => {
    const { inputs, cotangent, result, gradients } = cases[name]!;
    const program = buildProgram({}, (f) => {
      const values = Object.entries(inputs).map(([key, stored]) => {
        const type = typeOf(stored);
        const isConstant = CONSTANT.includes(key);
        return [key, isConstant ? f.constant(key, type, stored[1]) : f.input(key, type)] as const;
      });
      return { result: f.identity({ x: build(f, Object.fromEntries(values)) }, "result") };
    });
    const joint = jointGraph(program, { seeds: { result: "cotangent" }, wrt: Object.keys(inputs) });
    const derived = [...joint.gradientOf].map(([key, value]) => [`d_${key}`, value] as const);
    const backward = joint.finish({
      ...Object.fromEntries(derived),
      kept: joint.find("result") as Value,
    });
    const given = Object.entries({ ...inputs, cotangent }).map(([key, stored]) => {
      return [key, { type: typeOf(stored), data: stored[1] }] as const;
    });
    const results = interpret(backward, Object.fromEntries(given), { numerics: "float64" });
    expectNear([...results.kept!.data], result[1]);
    for (const [key, expected] of Object.entries(gradients)) {
      expect(results[`d_${key}`]!.type).toEqual(typeOf(expected));
      expectNear([...results[`d_${key}`]!.data], expected[1]);
    }
  });
});

/** Equal to within 10^-6 of the largest element: parameters such as epsilon are rounded to fp32. */
function expectNear(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  const errors = actual.map((element, index) => Math.abs(element - expected[index]!) / scale);
  expect(
    errors.every((error) => error < 1e-6),
    `${actual} for ${expected}`,
  ).toBe(true);
}
