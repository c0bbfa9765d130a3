/** Activation functions and softmax. Source: coremltools iOS15 activation.py. */
import { mapUnary } from "../evaluate/elementwise.js";
import { erf } from "../evaluate/erf.js";
import { denseStrides } from "../evaluate/strided.js";
import { choice, integer, optional, tensorInput } from "../input-spec.js";
import { defineOp, FLOATS } from "../op-definition.js";
import { positiveAxis, wrapAxis } from "./shape-rules.js";

type Unary = (x: number) => number;

function activation(type: string, f: Unary) {
  return defineOp({
    type,
    since: "ios15",
    types: { T: { domain: FLOATS } },
    inputs: { x: tensorInput("T") },
    infer: ({ x }) => x,
    evaluate: ({ x }, [out]) => mapUnary(x, out, f),
  });
}

/** 1 / (1 + exp(-x)); exp overflows to infinity only where the result is 0. */
function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** x · sigmoid(x); its limit at -infinity is 0, where the product alone would be NaN. */
function swish(x: number): number {
  return x === Number.NEGATIVE_INFINITY ? -0 : x * logistic(x);
}

/** NaN stays NaN, which Math.max also does. */
export const relu = activation("relu", (x) => Math.max(x, 0));
export const sigmoid = activation("sigmoid", logistic);
export const silu = activation("silu", swish);

const GELU = {
  EXACT: (x: number) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  TANH_APPROXIMATION: (x: number) =>
    0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  SIGMOID_APPROXIMATION: (x: number) => x * logistic(1.702 * x),
} as const;

export const gelu = defineOp({
  type: "gelu",
  since: "ios15",
  types: { T: { domain: FLOATS } },
  inputs: {
    x: tensorInput("T"),
    mode: optional(choice(["EXACT", "TANH_APPROXIMATION", "SIGMOID_APPROXIMATION"]), "EXACT"),
  },
  infer: ({ x }) => x,
  evaluate: ({ x, mode }, [out]) => mapUnary(x, out, GELU[mode]),
});

/** exp(x - max) / sum along one axis. A row of -infinity gives NaN; a row of equal finite values gives 1/n. */
export const softmax = defineOp({
  type: "softmax",
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

function softmaxLine(
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
