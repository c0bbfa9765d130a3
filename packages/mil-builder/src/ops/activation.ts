/**
 * Activation functions and softmax. Source: coremltools iOS15 and iOS17 activation.py; from iOS17 on alpha and beta may have
 * another float dtype than x.
 */
import { mapUnary } from "../evaluate/elementwise.js";
import { erf } from "../evaluate/erf.js";
import { denseStrides } from "../evaluate/strided.js";
import { choice, integer, optional, real, tensorInput } from "../input-spec.js";
import { defineOp, FLOATS, type InferScope } from "../op-definition.js";
import type { TensorType } from "../program.js";
import type { Tensor } from "../tensor.js";
import { formatShape, sameShape } from "../tensor-type.js";
import { positiveAxis, wrapAxis } from "./shape-rules.js";

type Unary = (x: number) => number;

const TYPES = {
  T: { domain: FLOATS },
  U: { domain: FLOATS, tiedTo: { variable: "T", before: "ios17" } },
} as const;

function activation(type: string, summary: string, f: Unary) {
  return defineOp({
    type,
    summary,
    since: "ios15",
    types: { T: { domain: FLOATS } },
    inputs: { x: tensorInput("T") },
    infer: ({ x }) => x,
    evaluate: ({ x }, [out]) => mapUnary(x, out, f),
  });
}

function withAlpha(type: string, summary: string, f: (x: number, alpha: number) => number) {
  return defineOp({
    type,
    summary,
    since: "ios15",
    types: TYPES,
    inputs: { x: tensorInput("T"), alpha: real("U") },
    infer: ({ x }) => x,
    evaluate: ({ x, alpha }, [out]) => mapUnary(x, out, (value) => f(value, alpha)),
  });
}

function withAlphaAndBeta(
  type: string,
  summary: string,
  f: (x: number, alpha: number, beta: number) => number,
) {
  return defineOp({
    type,
    summary,
    since: "ios15",
    types: TYPES,
    inputs: { x: tensorInput("T"), alpha: real("U"), beta: real("U") },
    infer: ({ x }) => x,
    evaluate: ({ x, alpha, beta }, [out]) => mapUnary(x, out, (value) => f(value, alpha, beta)),
  });
}

/** Parameters are vectors with an entry per channel, dim 1. */
function checkChannels(
  name: string,
  x: TensorType,
  parameter: TensorType,
  scope: InferScope,
): void {
  if (x.shape.length < 3 || x.shape.length > 5) {
    throw scope.error('"x" must be [N, C, 1 to 3 dims]', "rank 3 to 5", formatShape(x.shape));
  }
  if (!sameShape(parameter.shape, [x.shape[1]!])) {
    const expected = `[${x.shape[1]}]`;
    throw scope.error(`"${name}" must be [C]`, expected, formatShape(parameter.shape));
  }
}

/** out[n, c, ...] = f(x[n, c, ...], c) */
function mapChannels(x: Tensor, out: Tensor, f: (x: number, channel: number) => number): void {
  const [batch, channels] = x.type.shape as [number, number];
  const size = x.data.length / (batch * channels);
  for (let plane = 0; plane < batch * channels; plane++) {
    const channel = plane % channels;
    const end = (plane + 1) * size;
    for (let i = plane * size; i < end; i++) out.data[i] = f(x.data[i]!, channel);
  }
}

/** 1 / (1 + exp(-x)); exp overflows to infinity only where the result is 0. */
function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** ln(1 + exp(x)) without overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** x · gate(x) for a gate that falls to 0; the limit at -infinity is 0, where the product alone would be NaN. */
function gated(gate: Unary): Unary {
  return (x) => (x === Number.NEGATIVE_INFINITY ? -0 : x * gate(x));
}

const GELU = {
  EXACT: gated((x) => 0.5 * (1 + erf(x / Math.SQRT2))),
  TANH_APPROXIMATION: gated(
    (x) => 0.5 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  ),
  SIGMOID_APPROXIMATION: gated((x) => logistic(1.702 * x)),
} as const;

const gelu = defineOp({
  type: "gelu",
  summary: "x · Φ(x), exact or approximated",
  since: "ios15",
  types: { T: { domain: FLOATS } },
  inputs: {
    x: tensorInput("T"),
    mode: optional(choice(["EXACT", "TANH_APPROXIMATION", "SIGMOID_APPROXIMATION"]), "EXACT"),
  },
  infer: ({ x }) => x,
  evaluate: ({ x, mode }, [out]) => mapUnary(x, out, GELU[mode]),
});

const prelu = defineOp({
  type: "prelu",
  summary: "x where x ≥ 0, alpha · x elsewhere, alpha per channel",
  since: "ios15",
  types: TYPES,
  inputs: { x: tensorInput("T"), alpha: tensorInput("U", true) },
  infer: ({ x, alpha }, scope) => {
    checkChannels("alpha", x, alpha, scope);
    return x;
  },
  evaluate: ({ x, alpha }, [out]) =>
    mapChannels(x, out, (value, channel) => (value >= 0 ? value : alpha.data[channel]! * value)),
});

const softplusParametric = defineOp({
  type: "softplus_parametric",
  summary: "alpha · ln(1 + e^(beta · x)), alpha and beta per channel",
  since: "ios15",
  types: TYPES,
  inputs: { x: tensorInput("T"), alpha: tensorInput("U", true), beta: tensorInput("U", true) },
  infer: ({ x, alpha, beta }, scope) => {
    checkChannels("alpha", x, alpha, scope);
    checkChannels("beta", x, beta, scope);
    return x;
  },
  evaluate: ({ x, alpha, beta }, [out]) =>
    mapChannels(
      x,
      out,
      (value, channel) => alpha.data[channel]! * softplus(beta.data[channel]! * value),
    ),
});

/** exp(x - max) / sum along one axis. A row of -infinity gives NaN; a row of equal finite values gives 1/n. */
const softmax = defineOp({
  type: "softmax",
  summary: "e^x / Σe^x along one axis",
  since: "ios15",
  types: { T: { domain: FLOATS } },
  inputs: { x: tensorInput("T"), axis: optional(integer(), -1) },
  infer: ({ x, axis }, scope) => {
    positiveAxis("axis", axis, x.shape.length, scope);
    return x;
  },
  evaluate: ({ x, axis }, [out]) => {
    const { shape } = x.type;
    const along = wrapAxis(axis, shape.length);
    const stride = denseStrides(shape)[along]!;
    const length = shape[along]!;
    for (let start = 0; start < x.data.length; start += stride * length) {
      for (let inner = 0; inner < stride; inner++) {
        softmaxLine(x.data, out.data, start + inner, stride, length);
      }
    }
  },
});

/** Softmax of `length` elements from `start`, `stride` apart. */
export function softmaxLine(
  x: Float64Array,
  out: Float64Array,
  start: number,
  stride: number,
  length: number,
): void {
  const end = start + stride * length;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = start; i < end; i += stride) max = Math.max(max, x[i]!);
  let sum = 0;
  for (let i = start; i < end; i += stride) {
    const weight = Math.exp(x[i]! - max);
    out[i] = weight;
    sum += weight;
  }
  for (let i = start; i < end; i += stride) out[i] = out[i]! / sum;
}

export const ACTIVATION_OPS = {
  clamped_relu: withAlphaAndBeta(
    "clamped_relu",
    "min(x, beta) where x ≥ 0, min(alpha · x, beta) elsewhere",
    (x, alpha, beta) => Math.min(beta, x >= 0 ? x : alpha * x),
  ),
  elu: withAlpha("elu", "x where x ≥ 0, alpha · (e^x - 1) elsewhere", (x, alpha) =>
    x >= 0 ? x : alpha * Math.expm1(x),
  ),
  gelu,
  leaky_relu: withAlpha("leaky_relu", "x where x ≥ 0, alpha · x elsewhere", (x, alpha) =>
    x >= 0 ? x : alpha * x,
  ),
  linear_activation: withAlphaAndBeta(
    "linear_activation",
    "alpha · x + beta",
    (x, alpha, beta) => alpha * x + beta,
  ),
  prelu,
  relu: activation("relu", "max(x, 0)", (x) => Math.max(x, 0)),
  relu6: activation("relu6", "min(max(x, 0), 6)", (x) => Math.min(Math.max(x, 0), 6)),
  scaled_tanh: withAlphaAndBeta(
    "scaled_tanh",
    "alpha · tanh(beta · x)",
    (x, alpha, beta) => alpha * Math.tanh(beta * x),
  ),
  sigmoid: activation("sigmoid", "1 / (1 + e^-x)", logistic),
  sigmoid_hard: withAlphaAndBeta(
    "sigmoid_hard",
    "alpha · x + beta, clipped to 0..1",
    (x, alpha, beta) => Math.min(Math.max(alpha * x + beta, 0), 1),
  ),
  silu: activation("silu", "x · sigmoid(x)", gated(logistic)),
  softmax,
  softplus: activation("softplus", "ln(1 + e^x)", softplus),
  softplus_parametric: softplusParametric,
  softsign: activation("softsign", "x / (1 + |x|)", (x) => x / (1 + Math.abs(x))),
  thresholded_relu: withAlpha("thresholded_relu", "x where x ≥ alpha, 0 elsewhere", (x, alpha) =>
    x >= alpha ? x : 0,
  ),
} as const;
