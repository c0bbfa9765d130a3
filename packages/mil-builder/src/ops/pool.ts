/**
 * Pooling over 1 to 3 spatial dims of x [N, C, ...]. Source: coremltools iOS15 pool.py; ceil_mode is torch's, whose average
 * divides by the part of the window inside the padded input.
 */
import { type PoolRule, pool } from "../evaluate/pool.js";
import { absent, choice, flag, integers, optional, tensorInput } from "../input-spec.js";
import { defineOp, FLOATS, type InferScope } from "../op-definition.js";
import type { TensorType } from "../program.js";
import type { Tensor } from "../tensor.js";
import { formatShape, tensor } from "../tensor-type.js";
import { expectLength } from "./shape-rules.js";
import { checkWindow, PAD_TYPES, type WindowOptions, windowAxes } from "./window.js";

const INPUTS = {
  x: tensorInput("T"),
  kernel_sizes: integers(),
  strides: absent(integers(), "1s"),
  pad_type: choice(PAD_TYPES),
  pad: absent(integers(), "0s"),
  ceil_mode: optional(flag(), false),
} as const;

interface PoolInputs {
  readonly kernel_sizes: readonly number[];
  readonly strides: readonly number[] | undefined;
  readonly pad_type: (typeof PAD_TYPES)[number];
  readonly pad: readonly number[] | undefined;
  readonly ceil_mode: boolean;
}

function windowOptions({ shape }: TensorType, inputs: PoolInputs): WindowOptions {
  return {
    spatial: shape.slice(2),
    kernel: inputs.kernel_sizes,
    strides: inputs.strides,
    padType: inputs.pad_type,
    pad: inputs.pad,
    ceilMode: inputs.ceil_mode,
  };
}

function inferPool(
  x: TensorType,
  inputs: PoolInputs,
  mostDims: number,
  scope: InferScope,
): TensorType {
  const rank = x.shape.length;
  if (rank < 3 || rank > mostDims + 2) {
    const rule = `"x" must be [N, C, 1 to ${mostDims} dims]`;
    throw scope.error(rule, `rank 3 to ${mostDims + 2}`, formatShape(x.shape));
  }
  expectLength("kernel_sizes", inputs.kernel_sizes, rank - 2, scope);
  if (inputs.ceil_mode) checkCeilMode(inputs, rank - 2, scope);
  const axes = checkWindow(windowOptions(x, inputs), scope);
  return tensor(x.dtype, [...x.shape.slice(0, 2), ...axes.map((axis) => axis.output)]);
}

function checkCeilMode({ pad, pad_type }: PoolInputs, dims: number, scope: InferScope): void {
  if (dims > 2) throw scope.error('"ceil_mode" needs 1 or 2 dims', "1 or 2", `${dims}`);
  if (pad_type === "same") {
    throw scope.error('"ceil_mode" does not go with "same"', "another pad_type", pad_type);
  }
  if (pad?.some((amount, index) => amount !== pad[index - (index % 2)])) {
    throw scope.error('"ceil_mode" needs symmetric padding', "equal pairs", formatShape(pad));
  }
}

function evaluatePool(x: Tensor, inputs: PoolInputs, out: Tensor, rule: PoolRule): void {
  pool(x, out, windowAxes(windowOptions(x.type, inputs)), rule);
}

const MAXIMUM: PoolRule = {
  initial: Number.NEGATIVE_INFINITY,
  fold: Math.max,
  finish: (total) => total,
};

const ROOT_OF_SQUARES: PoolRule = {
  initial: 0,
  fold: (total, x) => total + x * x,
  finish: Math.sqrt,
};

function average(excludePadding: boolean): PoolRule {
  return {
    initial: 0,
    fold: (total, x) => total + x,
    finish: (total, inside, padded) => total / (excludePadding ? inside : padded),
  };
}

export const POOLING_OPS = {
  avg_pool: defineOp({
    type: "avg_pool",
    summary: "mean of each window, padding counted as zeros unless excluded",
    since: "ios15",
    types: { T: { domain: FLOATS } },
    inputs: { ...INPUTS, exclude_padding_from_average: optional(flag(), false) },
    infer: ({ x, ...inputs }, scope) => inferPool(x, inputs, 3, scope),
    evaluate: ({ x, exclude_padding_from_average, ...inputs }, [out]) =>
      evaluatePool(x, inputs, out, average(exclude_padding_from_average)),
  }),
  l2_pool: defineOp({
    type: "l2_pool",
    summary: "√Σx² of each window",
    since: "ios15",
    types: { T: { domain: FLOATS } },
    inputs: INPUTS,
    infer: ({ x, ...inputs }, scope) => inferPool(x, inputs, 2, scope),
    evaluate: ({ x, ...inputs }, [out]) => evaluatePool(x, inputs, out, ROOT_OF_SQUARES),
  }),
  max_pool: defineOp({
    type: "max_pool",
    summary: "maximum of each window, padding ignored",
    since: "ios15",
    types: { T: { domain: FLOATS } },
    inputs: INPUTS,
    infer: ({ x, ...inputs }, scope) => inferPool(x, inputs, 3, scope),
    evaluate: ({ x, ...inputs }, [out]) => evaluatePool(x, inputs, out, MAXIMUM),
  }),
} as const;
