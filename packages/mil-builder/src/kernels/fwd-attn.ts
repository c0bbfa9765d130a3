/**
 * Attention forward: xn = RMSNorm(x)·norm; q, k = RoPE(Wq·xn), RoPE(Wk·xn); v = Wv·xn;
 * a = softmax(q·kᵀ/√h + mask)·v; o = Wo·a. x [1, D, 1, S] to o: D, q: QD, k: KD, v: KD, a: QD, xn: D channels; the taps
 * after o are what the backward kernels and the weight gradients read.
 */
import type { FunctionBuilder } from "../builder.js";
import type { Kernel } from "../kernel.js";
import type { Value } from "../program.js";
import { attentionProbabilities } from "./attention.js";
import { causalMask } from "./causal-mask.js";
import { type KernelDims, kernelDims, type LlamaKernelConfig } from "./config.js";
import { defineKernel } from "./define-kernel.js";
import { mergeHeads, splitHeads } from "./heads.js";
import { type Projector, projector } from "./project.js";
import { rmsNorm } from "./rms-norm.js";
import { type RopeConstant, rope, ropeConstants } from "./rope.js";
import { channelGains, matrix } from "./slots.js";

/** Generates the attention forward kernel. @throws KernelConfigError */
export function fwdAttn(
  config: LlamaKernelConfig,
): Kernel<"x", "o" | "q" | "k" | "v" | "a" | "xn", "norm" | "wq" | "wk" | "wv" | "wo"> {
  const dims = kernelDims(config);
  const { D, QD, KD } = dims;
  return defineKernel(dims, {
    name: "fwdAttn",
    inputs: { x: D },
    outputs: { o: D, q: QD, k: KD, v: KD, a: QD, xn: D },
    weights: {
      norm: channelGains(D),
      wq: matrix(QD, D),
      wk: matrix(KD, D),
      wv: matrix(KD, D),
      wo: matrix(D, QD),
    },
    constants: { ...ropeConstants(dims), causal_mask: causalMask(dims) },
    body: (f, { x }, { norm, ...weights }, constants) =>
      attentionBlock(f, x, norm, projector(f, weights), constants, dims),
  });
}

/** The formula, for any way to multiply by the weights. */
export function attentionBlock(
  f: FunctionBuilder,
  x: Value,
  norm: Value,
  project: Projector<"wq" | "wk" | "wv" | "wo">,
  constants: Readonly<Record<RopeConstant | "causal_mask", Value>>,
  dims: KernelDims,
): Record<"o" | "q" | "k" | "v" | "a" | "xn", Value> {
  const { H, KV, h } = dims;
  const ratio = H / KV;
  const xn = rmsNorm(f, x, norm, dims);
  const qFlat = project("wq", xn, "q_flat");
  const kFlat = project("wk", xn, "k_flat");
  const v = project("wv", xn, "v");
  const qHeads = rope(f, splitHeads(f, qFlat, { h }, "q_flat"), constants, "q_rope");
  const kHeads = rope(f, splitHeads(f, kFlat, { h }, "k_flat"), constants, "k_rope");
  const q = mergeHeads(f, qHeads, "q");
  const k = mergeHeads(f, kHeads, "k");
  const keys = ratio === 1 ? kHeads : splitHeads(f, k, { h, ratio }, "k");
  const probs = attentionProbabilities(
    f,
    { q: qHeads, k: keys, mask: constants.causal_mask },
    dims,
  );
  const values = splitHeads(f, v, { h, ratio }, "v");
  const aHeads = f.matmul(
    { x: probs, y: values, transpose_x: false, transpose_y: false },
    "a_heads",
  );
  const a = mergeHeads(f, aHeads, "a");
  const o = project("wo", a, "o");
  return { o, q, k, v, a, xn };
}
