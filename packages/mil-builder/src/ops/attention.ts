/** Attention as one op. Source: coremltools iOS18 transformers.py. */
import { multiply, transposed } from "../evaluate/matrix.js";
import { broadcastTo } from "../evaluate/strided.js";
import { absent, tensorInput } from "../input-spec.js";
import { defineOp, FLOATS, type InferScope } from "../op-definition.js";
import type { TensorType } from "../program.js";
import { dimsAgree, formatShape, shapesAgree, tensor } from "../tensor-type.js";
import { softmaxLine } from "./activation.js";
import { broadcastShapes } from "./shape-rules.js";

/** query [..., L, E], key [..., S, E], value [..., S, EV]; the mask broadcasts to [..., L, S]. */
const scaledDotProductAttention = defineOp({
  type: "scaled_dot_product_attention",
  summary: "softmax(query · keyᵀ / √E + attn_mask) · value; a boolean mask keeps what is true",
  since: "ios18",
  types: { T: { domain: FLOATS }, M: { domain: ["bool", ...FLOATS] } },
  inputs: {
    query: tensorInput("T"),
    key: tensorInput("T"),
    value: tensorInput("T"),
    attn_mask: absent(tensorInput("M"), "no mask"),
  },
  infer: ({ query, key, value, attn_mask }, scope) => {
    checkOperands(query, key, value, scope);
    if (attn_mask !== undefined) checkMask(attn_mask, query, key, scope);
    return tensor(query.dtype, [...query.shape.slice(0, -1), value.shape.at(-1)!]);
  },
  evaluate: ({ query, key, value, attn_mask }, [out]) => {
    const [rows, inner] = query.type.shape.slice(-2) as [number, number];
    const [steps, width] = value.type.shape.slice(-2) as [number, number];
    const batch = query.type.shape.slice(0, -2);
    const isKept = attn_mask?.type.dtype === "bool";
    const mask = attn_mask && broadcastTo(attn_mask, [...batch, rows, steps]);
    const scores = new Float64Array(rows * steps);
    const weights = new Float64Array(rows * steps);
    const count = query.data.length / (rows * inner);
    for (let b = 0; b < count; b++) {
      const keys = transposed(key.data, b * steps * inner, steps, inner);
      scores.fill(0);
      multiply({ m: rows, n: steps, k: inner }, query.data, b * rows * inner, keys, 0, scores, 0);
      for (let i = 0; i < scores.length; i++) {
        const entry = mask?.[b * scores.length + i];
        scores[i] = masked(scores[i]! / Math.sqrt(inner), entry, isKept);
      }
      for (let row = 0; row < rows; row++) softmaxLine(scores, weights, row * steps, 1, steps);
      const dims = { m: rows, n: width, k: steps };
      multiply(dims, weights, 0, value.data, b * steps * width, out.data, b * rows * width);
    }
  },
});

function masked(score: number, entry: number | undefined, isKept: boolean): number {
  if (entry === undefined) return score;
  if (isKept) return entry !== 0 ? score : Number.NEGATIVE_INFINITY;
  return score + entry;
}

function checkOperands(
  query: TensorType,
  key: TensorType,
  value: TensorType,
  scope: InferScope,
): void {
  const rank = query.shape.length;
  const fits =
    rank >= 3 &&
    key.shape.length === rank &&
    value.shape.length === rank &&
    shapesAgree(query.shape.slice(0, -2), key.shape.slice(0, -2)) &&
    shapesAgree(query.shape.slice(0, -2), value.shape.slice(0, -2)) &&
    dimsAgree(query.shape.at(-1)!, key.shape.at(-1)!) &&
    dimsAgree(key.shape.at(-2)!, value.shape.at(-2)!);
  if (!fits) {
    throw scope.error(
      "operands must be [..., L, E], [..., S, E] and [..., S, EV] with equal batch dims",
      "rank 3 or more, equal E and S",
      [query, key, value].map(({ shape }) => formatShape(shape)).join(", "),
    );
  }
}

function checkMask(mask: TensorType, query: TensorType, key: TensorType, scope: InferScope): void {
  const full = [...query.shape.slice(0, -1), key.shape.at(-2)!];
  const fits = mask.shape.length > 0 && dimsAgree(mask.shape.at(-1)!, full.at(-1)!);
  if (!fits || !shapesAgree(broadcastShapes(mask.shape, full, scope), full)) {
    const rule = '"attn_mask" must end in S and broadcast to [..., L, S]';
    throw scope.error(rule, formatShape(full), formatShape(mask.shape));
  }
}

export const ATTENTION_OPS = {
  scaled_dot_product_attention: scaledDotProductAttention,
} as const;
