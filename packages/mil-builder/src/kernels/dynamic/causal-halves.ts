/**
 * Causal attention in two halves of the queries: the first half sees no key of the second, so a quarter of all products and
 * exponentials is left out. All tensors are heads [1, H, S, h], keys and values repeated for the query heads that read them; halves
 * are cut and joined along the tokens, never along the width axis.
 */
import type { FunctionBuilder } from "../../builder.js";
import type { Value } from "../../program.js";
import { attentionProbabilities, type Heads } from "../attention.js";
import { scoreGradients } from "../attention-backward.js";
import { causalMask } from "../causal-mask.js";
import type { KernelDims } from "../config.js";
import type { ConstantBlob } from "../constant-blob.js";
import { type RopeConstant, ropeConstants } from "../rope.js";

type Values<Name extends string> = Readonly<Record<Name, Value>>;

type HalfMask = "causal_mask_0" | "causal_mask_1";

export type HalvesConstant = RopeConstant | HalfMask;

/** RoPE's tables, and a mask for the queries of each half, [1, 1, S/2, S/2] and [1, 1, S/2, S]. */
export function halvesConstants(dims: KernelDims): Record<HalvesConstant, ConstantBlob> {
  const { S, dtype } = dims;
  return {
    ...ropeConstants(dims),
    causal_mask_0: causalMask("causal_mask_0", dtype, 0, S / 2),
    causal_mask_1: causalMask("causal_mask_1", dtype, S / 2, S),
  };
}

/** softmax(q·kᵀ/√h + mask)·v */
export function attendInHalves(
  f: FunctionBuilder,
  heads: Heads,
  masks: Values<HalfMask>,
  dims: KernelDims,
): Value {
  const parts = halves(f, heads, masks, dims).map(({ queries, keys, values, mask }, i) => {
    const probs = attentionProbabilities(f, { queries, keys, mask }, dims, `probs_${i}`);
    const product = { x: probs, y: values, transpose_x: false, transpose_y: false };
    return f.matmul(product, `a_${i}`);
  });
  return f.concat({ values: parts, axis: 2, interleave: false }, "a_heads");
}

/** Gradients of queries, keys and values. @param da Gradient of the attention output. */
export function attendInHalvesBackward(
  f: FunctionBuilder,
  heads: Heads & Values<"da">,
  masks: Values<HalfMask>,
  dims: KernelDims,
): Values<"dq" | "dk" | "dv"> {
  const parts = halves(f, heads, masks, dims).map(({ queries, keys, values, da, mask }, i) => {
    const product = (x: Value, y: Value, transposed: "x" | "y" | "none", name: string) =>
      f.matmul(
        { x, y, transpose_x: transposed === "x", transpose_y: transposed === "y" },
        `${name}_${i}`,
      );
    const probs = attentionProbabilities(f, { queries, keys, mask }, dims, `probs_${i}`);
    const dv = product(probs, da, "x", "dv");
    const dp = product(da, values, "y", "dp");
    const ds = scoreGradients(f, { probs, dp }, dims, `ds_${i}`);
    return { dq: product(ds, keys, "none", "dq"), dk: product(ds, queries, "x", "dk"), dv };
  });
  const [first, second] = parts as [(typeof parts)[0], (typeof parts)[0]];
  const [half, all] = [dims.S / 2, dims.S];
  /** Both halves' gradients of the first keys, and the second one's of the others. */
  const sum = (name: "dk" | "dv") => {
    const early = tokens(f, second[name], 0, half, `${name}_early`);
    const both = f.add({ x: first[name], y: early }, `${name}_sum`);
    return joined(f, [both, tokens(f, second[name], half, all, `${name}_late`)], name);
  };
  return { dq: joined(f, [first.dq, second.dq], "dq"), dk: sum("dk"), dv: sum("dv") };
}

/** Each half of the queries, with what goes along with them, and the keys that it may see. */
function halves<Name extends string>(
  f: FunctionBuilder,
  heads: Values<Name>,
  masks: Values<HalfMask>,
  { S }: KernelDims,
): Values<Name | "mask">[] {
  const half = S / 2;
  const cut = (from: number, to: number, keysTo: number, mask: Value, of: string) => {
    const parts = Object.entries<Value>(heads).map(([name, value]) => {
      const isSeen = name === "keys" || name === "values";
      const [start, end] = isSeen ? [0, keysTo] : [from, to];
      return [name, tokens(f, value, start, end, `${name}_${of}`)];
    });
    return Object.fromEntries([...parts, ["mask", mask]]) as Values<Name | "mask">;
  };
  return [cut(0, half, half, masks.causal_mask_0, "0"), cut(half, S, S, masks.causal_mask_1, "1")];
}

/** Tokens `from` up to `to` of heads; the heads themselves where that is all of them. */
function tokens(f: FunctionBuilder, x: Value, from: number, to: number, name: string): Value {
  const [, H, S, h] = x.type.shape as [number, number, number, number];
  if (to - from === S) return x;
  return f.slice_by_size({ x, begin: [0, 0, from, 0], size: [1, H, to - from, h] }, name);
}

function joined(f: FunctionBuilder, values: readonly Value[], name: string): Value {
  return f.concat({ values, axis: 2, interleave: false }, `${name}_heads`);
}
