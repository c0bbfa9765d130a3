/**
 * Backward of causal attention in two halves. They take heads [1, H, S, h], keys and values repeated for the query heads that read
 * them, queries and keys after RoPE, and exchange [1, H, S, S]. Gradients leave channel-first, [1, QD, 1, S] for queries and
 * [1, KD, 1, S] for keys and values, each the sum over its query heads.
 */
import type { FunctionBuilder } from "../builder.js";
import type { Value } from "../program.js";
import { attentionProbabilities, type Heads } from "./attention.js";
import type { KernelDims } from "./config.js";
import { mergeHeads, sumHeads } from "./heads.js";
import { type RopeConstant, ropeBackward } from "./rope.js";

type Values<Name extends string> = Readonly<Record<Name, Value>>;

/** The probabilities again; dv = probsᵀ·da; dp = da·vᵀ. @param da Gradient of the attention output. */
export function valuesBackward(
  f: FunctionBuilder,
  { queries, keys, values, da, mask }: Heads & Values<"da" | "mask">,
  dims: KernelDims,
): Record<"dv" | "probs" | "dp", Value> {
  const probs = attentionProbabilities(f, { queries, keys, mask }, dims);
  const dvRepeated = f.matmul(
    { x: probs, y: da, transpose_x: true, transpose_y: false },
    "dv_repeated",
  );
  const dv = mergeHeads(f, sumHeads(f, dvRepeated, dims, "dv_heads"), "dv");
  const dp = f.matmul({ x: da, y: values, transpose_x: false, transpose_y: true }, "dp_heads");
  return { dv, probs, dp };
}

/** ds = probs·(dp − Σ probs·dp)/√h, the sum over keys. */
export function scoreGradients(
  f: FunctionBuilder,
  { probs, dp }: Values<"probs" | "dp">,
  { h }: KernelDims,
  name = "ds",
): Value {
  const weighted = f.mul({ x: probs, y: dp }, `${name}_weighted`);
  const mean = f.reduce_sum({ x: weighted, axes: [-1], keep_dims: true }, `${name}_mean`);
  const centred = f.sub({ x: dp, y: mean }, `${name}_centred`);
  const dscores = f.mul({ x: probs, y: centred }, `${name}_scores`);
  return f.mul({ x: dscores, y: 1 / Math.sqrt(h) }, name);
}

/** dq = RoPEᵀ(ds·k); dk = RoPEᵀ(dsᵀ·q): gradients of the projections, before RoPE. */
export function scoresBackward(
  f: FunctionBuilder,
  { probs, dp, queries, keys }: Values<"probs" | "dp" | "queries" | "keys">,
  tables: Values<RopeConstant>,
  dims: KernelDims,
): Record<"dq" | "dk", Value> {
  const ds = scoreGradients(f, { probs, dp }, dims);
  const dqHeads = f.matmul({ x: ds, y: keys, transpose_x: false, transpose_y: false }, "dq_heads");
  const dkRepeated = f.matmul(
    { x: ds, y: queries, transpose_x: true, transpose_y: false },
    "dk_repeated",
  );
  const dkHeads = sumHeads(f, dkRepeated, dims, "dk_heads");
  const dqTurned = mergeHeads(f, dqHeads, "dq_turned");
  const dkTurned = mergeHeads(f, dkHeads, "dk_turned");
  return {
    dq: ropeBackward(f, dqTurned, tables, "dq"),
    dk: ropeBackward(f, dkTurned, tables, "dk"),
  };
}
