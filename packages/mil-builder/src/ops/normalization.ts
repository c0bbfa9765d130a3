/**
 * Normalization: subtract a mean, divide by a spread. Source: coremltools iOS15 and iOS17 normalization.py; from iOS17 on the
 * parameters may have another float dtype than x. Channels are dim 1.
 */
import { type NormalizeRow, normalizeRows } from "../evaluate/normalize.js";
import { absent, integer, integers, optional, real, tensorInput } from "../input-spec.js";
import { defineOp, FLOATS, type InferScope } from "../op-definition.js";
import type { TensorType } from "../program.js";
import type { Tensor } from "../tensor.js";
import { formatShape, shapesAgree } from "../tensor-type.js";
import { positiveAxes, wrapAxis } from "./shape-rules.js";

const TYPES = {
  T: { domain: FLOATS },
  U: { domain: FLOATS, tiedTo: { variable: "T", before: "ios17" } },
} as const;

function checkRank(x: TensorType, least: number, most: number, scope: InferScope): void {
  const rank = x.shape.length;
  if (rank < least || rank > most) {
    const expected = Number.isFinite(most) ? `rank ${least} to ${most}` : `rank ${least} or more`;
    throw scope.error('"x" must have a rank that the op knows', expected, formatShape(x.shape));
  }
}

function checkParameters(
  parameters: Readonly<Record<string, TensorType | undefined>>,
  shape: readonly number[],
  scope: InferScope,
): void {
  for (const [name, parameter] of Object.entries(parameters)) {
    if (parameter !== undefined && !shapesAgree(parameter.shape, shape)) {
      const rule = `"${name}" must have the shape of the dims that it scales`;
      throw scope.error(rule, formatShape(shape), formatShape(parameter.shape));
    }
  }
}

const batchNorm = defineOp({
  type: "batch_norm",
  summary:
    "gamma · (x - mean) / √(variance + epsilon) + beta per channel, with given mean and variance",
  since: "ios15",
  types: TYPES,
  inputs: {
    x: tensorInput("T"),
    mean: tensorInput("U", true),
    variance: tensorInput("U", true),
    gamma: absent(tensorInput("U", true), "1s"),
    beta: absent(tensorInput("U", true), "0s"),
    epsilon: optional(real("U"), 1e-5),
  },
  infer: ({ x, mean, variance, gamma, beta }, scope) => {
    checkRank(x, 3, 5, scope);
    checkParameters({ mean, variance, gamma, beta }, [x.shape[1]!], scope);
    return x;
  },
  evaluate: ({ x, mean, variance, gamma, beta, epsilon }, [out]) => {
    const [batch, channels] = x.type.shape as [number, number];
    const size = x.data.length / (batch * channels);
    for (let plane = 0; plane < batch * channels; plane++) {
      const c = plane % channels;
      const scale = (gamma?.data[c] ?? 1) / Math.sqrt(variance.data[c]! + epsilon);
      const shift = beta?.data[c] ?? 0;
      for (let i = plane * size; i < (plane + 1) * size; i++) {
        out.data[i] = (x.data[i]! - mean.data[c]!) * scale + shift;
      }
    }
  },
});

/** (x - mean) / √(variance + epsilon) with the biased variance of the row itself. */
function standardize(epsilon: number): NormalizeRow {
  return (row) => {
    let sum = 0;
    for (const x of row) sum += x;
    const mean = sum / row.length;
    let squares = 0;
    for (const x of row) squares += (x - mean) ** 2;
    const spread = Math.sqrt(squares / row.length + epsilon);
    for (let i = 0; i < row.length; i++) row[i] = (row[i]! - mean) / spread;
  };
}

const instanceNorm = defineOp({
  type: "instance_norm",
  summary:
    "gamma · (x - mean) / √(variance + epsilon) + beta, mean and variance over the spatial dims",
  since: "ios15",
  types: TYPES,
  inputs: {
    x: tensorInput("T"),
    gamma: absent(tensorInput("U", true), "1s"),
    beta: absent(tensorInput("U", true), "0s"),
    epsilon: optional(real("U"), 1e-5),
  },
  infer: ({ x, gamma, beta }, scope) => {
    checkRank(x, 3, 4, scope);
    checkParameters({ gamma, beta }, [x.shape[1]!], scope);
    return x;
  },
  evaluate: ({ x, gamma, beta, epsilon }, [out]) => {
    const axes = [...x.type.shape.keys()].slice(2);
    normalizeRows(x, axes, out, standardize(epsilon));
    const size = x.data.length / (x.type.shape[0]! * x.type.shape[1]!);
    scaleAndShift(out, gamma, beta, (i) => Math.floor(i / size) % x.type.shape[1]!);
  },
});

/** out[i] = gamma[at(i)] · out[i] + beta[at(i)] */
function scaleAndShift(
  { data }: Tensor,
  gamma: Tensor | undefined,
  beta: Tensor | undefined,
  at: (i: number) => number,
): void {
  if (gamma === undefined && beta === undefined) return;
  for (let i = 0; i < data.length; i++) {
    const index = at(i);
    data[i] = data[i]! * (gamma?.data[index] ?? 1) + (beta?.data[index] ?? 0);
  }
}

const layerNorm = defineOp({
  type: "layer_norm",
  summary: "gamma · (x - mean) / √(variance + epsilon) + beta, mean and variance over axes",
  since: "ios15",
  types: TYPES,
  inputs: {
    x: tensorInput("T"),
    axes: absent(integers(), "all axes"),
    gamma: absent(tensorInput("U", true), "1s"),
    beta: absent(tensorInput("U", true), "0s"),
    epsilon: optional(real("U"), 1e-5),
  },
  infer: ({ x, axes, gamma, beta }, scope) => {
    const normalized = positiveAxes("axes", axes ?? [...x.shape.keys()], x.shape.length, scope);
    const shape = x.shape.filter((_, axis) => normalized.includes(axis));
    checkParameters({ gamma, beta }, shape, scope);
    return x;
  },
  evaluate: ({ x, axes, gamma, beta, epsilon }, [out]) => {
    const { shape } = x.type;
    const normalized = (axes ?? [...shape.keys()]).map((axis) => wrapAxis(axis, shape.length));
    const standard = standardize(epsilon);
    normalizeRows(x, normalized, out, (row) => {
      standard(row);
      if (gamma === undefined && beta === undefined) return;
      for (let i = 0; i < row.length; i++) {
        row[i] = row[i]! * (gamma?.data[i] ?? 1) + (beta?.data[i] ?? 0);
      }
    });
  },
});

const l2Norm = defineOp({
  type: "l2_norm",
  summary: "x / √(Σx² + epsilon) over the last three dims",
  since: "ios15",
  types: TYPES,
  inputs: { x: tensorInput("T"), epsilon: optional(real("U"), 1e-6) },
  infer: ({ x }, scope) => {
    checkRank(x, 3, Number.POSITIVE_INFINITY, scope);
    return x;
  },
  evaluate: ({ x, epsilon }, [out]) => {
    const axes = [...x.type.shape.keys()].slice(-3);
    normalizeRows(x, axes, out, (row) => {
      let squares = 0;
      for (const value of row) squares += value * value;
      const norm = Math.sqrt(squares + epsilon);
      for (let i = 0; i < row.length; i++) row[i] = row[i]! / norm;
    });
  },
});

/** The window of channel c begins at c - ⌊size / 2⌋. */
const localResponseNorm = defineOp({
  type: "local_response_norm",
  summary: "x / (k + alpha / size · Σx²)^beta, the sum over size neighbouring channels",
  since: "ios15",
  types: TYPES,
  inputs: {
    x: tensorInput("T"),
    size: integer(),
    alpha: optional(real("U"), 1e-4),
    beta: optional(real("U"), 0.75),
    k: optional(real("U"), 1),
  },
  infer: ({ x, size }, scope) => {
    checkRank(x, 3, 4, scope);
    if (size < 1) throw scope.error('"size" must be positive', "1 or more", `${size}`);
    return x;
  },
  evaluate: ({ x, size, alpha, beta, k }, [out]) =>
    normalizeRows(x, [1], out, (row) => {
      const squares = row.map((value) => value * value);
      for (let c = 0; c < row.length; c++) {
        const begin = Math.max(0, c - Math.floor(size / 2));
        const end = Math.min(row.length, c - Math.floor(size / 2) + size);
        let sum = 0;
        for (let i = begin; i < end; i++) sum += squares[i]!;
        row[c] = row[c]! / (k + (alpha / size) * sum) ** beta;
      }
    }),
});

export const NORMALIZATION_OPS = {
  batch_norm: batchNorm,
  instance_norm: instanceNorm,
  l2_norm: l2Norm,
  layer_norm: layerNorm,
  local_response_norm: localResponseNorm,
} as const;
