/**
 * Attention probabilities softmax(q·kᵀ/√h + mask) of heads [1, H, S, h]: [1, H, S, S]. Shared by the forward kernel and by
 * the backward kernel that recomputes them, so that both round alike.
 */
import type { FunctionBuilder } from "../builder.js";
import type { Value } from "../program.js";
import type { KernelDims } from "./config.js";

export function attentionProbabilities(
  f: FunctionBuilder,
  { q, k, mask }: { q: Value; k: Value; mask: Value },
  { h }: KernelDims,
): Value {
  const products = f.matmul({ x: q, y: k, transpose_x: false, transpose_y: true }, "qk");
  const scores = f.mul({ x: products, y: 1 / Math.sqrt(h) }, "scores");
  const masked = f.add({ x: scores, y: mask }, "masked_scores");
  return f.softmax({ x: masked, axis: -1 }, "probs");
}
