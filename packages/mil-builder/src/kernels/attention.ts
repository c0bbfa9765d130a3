/**
 * Causal attention between its projections: q, k = RoPE(projected q, k); a = softmax(q·kᵀ/√h + mask)·v. Tokens are channel-first,
 * q [1, QD, 1, S], k and v [1, KD, 1, S]; inside, heads [1, H, S, h].
 */
import type { FunctionBuilder } from "../builder.js";
import type { Value } from "../program.js";
import { fullMask } from "./causal-mask.js";
import type { KernelDims } from "./config.js";
import type { ConstantBlob } from "./constant-blob.js";
import { mergeHeads, queryHeads, repeatedHeads } from "./heads.js";
import { type RopeConstant, rope, ropeConstants } from "./rope.js";

export type AttentionConstant = RopeConstant | "causal_mask";

export function attentionConstants(dims: KernelDims): Record<AttentionConstant, ConstantBlob> {
  return { ...ropeConstants(dims), causal_mask: fullMask(dims) };
}

/** Heads [1, H, S, h]; keys and values repeated for the query heads that read them. */
export type Heads = Readonly<Record<"queries" | "keys" | "values", Value>>;

/**
 * @param attend softmax(q·kᵀ/√h + mask)·v of heads
 * @returns The output a [1, QD, 1, S] and what its backward wants: q and k after RoPE.
 */
export function attention(
  f: FunctionBuilder,
  projected: Readonly<Record<"q" | "k" | "v", Value>>,
  tables: Readonly<Record<RopeConstant, Value>>,
  dims: KernelDims,
  attend: (heads: Heads) => Value,
): Record<"q" | "k" | "v" | "a", Value> {
  const { v } = projected;
  const q = rope(f, projected.q, tables, "q");
  const k = rope(f, projected.k, tables, "k");
  const heads = attend(attentionHeads(f, { q, k, v }, dims));
  return { q, k, v, a: mergeHeads(f, heads, "a") };
}

/** q, k and v as heads. */
export function attentionHeads(
  f: FunctionBuilder,
  { q, k, v }: Readonly<Record<"q" | "k" | "v", Value>>,
  dims: KernelDims,
): Heads {
  return {
    queries: queryHeads(f, q, dims, "q"),
    keys: repeatedHeads(f, k, dims, "k"),
    values: repeatedHeads(f, v, dims, "v"),
  };
}

/** softmax(q·kᵀ/√h + mask)·v, all scores at once: [1, H, S, h]. */
export function attendAtOnce(
  f: FunctionBuilder,
  { queries, keys, values }: Heads,
  mask: Value,
  dims: KernelDims,
): Value {
  const probs = attentionProbabilities(f, { queries, keys, mask }, dims);
  return f.matmul({ x: probs, y: values, transpose_x: false, transpose_y: false }, "a_heads");
}

/** softmax(q·kᵀ/√h + mask) of heads [1, H, queries, h] and [1, H, keys, h]: [1, H, queries, keys]. Forward and backward share it, so that both round alike. */
export function attentionProbabilities(
  f: FunctionBuilder,
  { queries, keys, mask }: { queries: Value; keys: Value; mask: Value },
  { h }: KernelDims,
  name = "probs",
): Value {
  const products = f.matmul(
    { x: queries, y: keys, transpose_x: false, transpose_y: true },
    `${name}_qk`,
  );
  const scores = f.mul({ x: products, y: 1 / Math.sqrt(h) }, `${name}_scores`);
  const masked = f.add({ x: scores, y: mask }, `${name}_masked`);
  return f.softmax({ x: masked, axis: -1 }, name);
}
