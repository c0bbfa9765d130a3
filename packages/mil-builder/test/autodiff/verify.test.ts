/** Gradients of what the engine has consist of what the engine has: the verifier finds no rule broken that the forward op keeps. */
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
const X = tensor("fp16", [1, CHANNELS, 1, 32]);

type Call = (f: FunctionBuilder, x: Value, y: Value) => Value;

const vector = (f: FunctionBuilder, name: string) =>
  f.constant(name, tensor("fp16", [CHANNELS]), new Float64Array(CHANNELS).fill(0.5));

const UNARY = [
  ...["abs", "atan", "cos", "erf", "exp", "exp2", "inverse", "sin", "sqrt", "square", "tanh"],
  ...["relu", "relu6", "sigmoid", "silu", "softmax", "softplus", "softsign", "gelu"],
  ...["instance_norm", "l2_norm"],
] as readonly ("abs" | "relu")[];
const BINARY = ["add", "sub", "mul", "real_div", "maximum", "minimum"] as const;
const REDUCE = [
  ...["reduce_sum", "reduce_max", "reduce_min", "reduce_mean", "reduce_sum_square"],
  ...["reduce_log_sum", "reduce_log_sum_exp", "reduce_l1_norm", "reduce_l2_norm"],
] as readonly ("reduce_sum" | "reduce_max")[];

const CALLS: Readonly<Record<string, Call>> = {
  ...Object.fromEntries(UNARY.map((type): [string, Call] => [type, (f, x) => f[type]({ x })])),
  ...Object.fromEntries(
    BINARY.map((type): [string, Call] => [type, (f, x, y) => f[type]({ x, y })]),
  ),
  ...Object.fromEntries(
    REDUCE.map((type): [string, Call] => [
      type,
      (f, x, y) => f.mul({ x: y, y: f[type]({ x, axes: [1], keep_dims: true }) }),
    ]),
  ),
  batch_norm: (f, x) =>
    f.batch_norm({ x, mean: vector(f, "mean"), variance: vector(f, "variance") }),
  clamped_relu: (f, x) => f.clamped_relu({ x, alpha: 0.5, beta: 2 }),
  clip: (f, x) => f.clip({ x, alpha: -1, beta: 1 }),
  elu: (f, x) => f.elu({ x, alpha: 0.5 }),
  "gelu by tanh": (f, x) => f.gelu({ x, mode: "TANH_APPROXIMATION" }),
  layer_norm: (f, x) => f.layer_norm({ x, axes: [1], gamma: vector(f, "gamma") }),
  leaky_relu: (f, x) => f.leaky_relu({ x, alpha: 0.5 }),
  local_response_norm: (f, x) => f.local_response_norm({ x, size: 3 }),
  log: (f, x) => f.log({ x, epsilon: 2 ** -14 }),
  "pow 2": (f, x) => f.pow({ x, y: 2 }),
  "pow -0.5": (f, x) => f.pow({ x, y: -0.5 }),
  prelu: (f, x) => f.prelu({ x, alpha: vector(f, "alpha") }),
  quantize: (f, x) => {
    const scale = f.constant("scale", tensor("fp16", []), 0.5);
    return f.dequantize({ input: f.quantize({ input: x, scale, output_dtype: "int8" }), scale });
  },
  scaled_tanh: (f, x) => f.scaled_tanh({ x, alpha: 0.5, beta: 0.5 }),
  select: (f, x, y) => f.select({ cond: f.greater({ x, y }), a: x, b: y }),
  sigmoid_hard: (f, x) => f.sigmoid_hard({ x, alpha: 0.5, beta: 0.5 }),
  thresholded_relu: (f, x) => f.thresholded_relu({ x, alpha: 0.5 }),
};

describe.each(Object.entries(CALLS))("%s", (_, call) => {
  it.each(["m1", "m3", "m4", "m5"] as const)("on %s", (chip) => {
    const forward = buildProgram({}, (f) => ({
      p: call(f, f.input("x", X), f.input("y", X)),
    }));
    const kept = new Set(verify(forward, { chip }).map(({ rule }) => rule));
    const backward = runPasses(grad(forward, { of: "p", wrt: ["x", "y"], seed: "z" }));
    expect(verify(backward, { chip }).filter(({ rule }) => !kept.has(rule))).toEqual([]);
  });
});
