/**
 * Gradients of attention, P = softmax(q·kᵀ/√E + mask), y = P·v: dv = Pᵀ·dy, dP = dy·vᵀ, ds = P·(dP − Σ P·dP), dq = ds·k/√E,
 * dk = dsᵀ·q/√E. The probabilities are computed again, as the op does not return them.
 */
import { sumToShape } from "../autodiff/sum-to-shape.js";
import type { Rules, Vjp, VjpRule } from "../autodiff/vjp.js";
import type { Value } from "../program.js";

/** What a boolean mask puts in place of scores, within the range of fp16. */
const LOWEST = -65504;

const scaledDotProductAttention: VjpRule = (vjp) => {
  const { f, cotangent: dy, value, wants } = vjp;
  const scale = 1 / Math.sqrt(value("query").type.shape.at(-1)!);
  const probs = probabilities(vjp, scale);
  const dValue = () => f.matmul({ x: probs, y: dy, transpose_x: true, transpose_y: false });
  const gradients = { value: wants("value") ? dValue() : undefined };
  if (!wants("query") && !wants("key") && !wants("attn_mask")) return gradients;

  const dProbs = f.matmul({ x: dy, y: value("value"), transpose_x: false, transpose_y: true });
  const weighted = f.mul({ x: probs, y: dProbs });
  const mean = f.reduce_sum({ x: weighted, axes: [-1], keep_dims: true });
  const dMasked = f.mul({ x: probs, y: f.sub({ x: dProbs, y: mean }) });
  const toMask = () => sumToShape(f, dMasked, dMasked.type.shape, value("attn_mask").type.shape);
  const dScores = f.mul({ x: dMasked, y: scale });
  const product = (other: Value, transposed: boolean) =>
    f.matmul({ x: dScores, y: other, transpose_x: transposed, transpose_y: false });
  return {
    ...gradients,
    query: wants("query") ? product(value("key"), false) : undefined,
    key: wants("key") ? product(value("query"), true) : undefined,
    attn_mask: wants("attn_mask") ? toMask() : undefined,
  };
};

function probabilities({ f, value, has }: Vjp, scale: number): Value {
  const product = f.matmul({
    x: value("query"),
    y: value("key"),
    transpose_x: false,
    transpose_y: true,
  });
  const scores = f.mul({ x: product, y: scale });
  if (!has("attn_mask")) return f.softmax({ x: scores, axis: -1 });
  const mask = value("attn_mask");
  const masked =
    mask.type.dtype === "bool"
      ? f.select({ cond: mask, a: scores, b: LOWEST })
      : f.add({ x: scores, y: mask });
  return f.softmax({ x: masked, axis: -1 });
}

export const ATTENTION_GRADIENTS = {
  scaled_dot_product_attention: scaledDotProductAttention,
} satisfies Rules;
