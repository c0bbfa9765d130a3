/**
 * Attention forward: xn = RMSNorm(x)·norm; q, k = RoPE(Wq·xn), RoPE(Wk·xn); v = Wv·xn;
 * a = softmax(q·kᵀ/√h + mask)·v; o = Wo·a. x [1, D, 1, S] to o: D, q: QD, k: KD, v: KD, a: QD, xn: D channels; the taps
 * after o are what the backward kernels and the weight gradients read.
 */
import type { FunctionBuilder } from "../builder.js";
import type { Kernel } from "../kernel.js";
import type { Value } from "../program.js";
import {
  type AttentionConstant,
  attendAtOnce,
  attention,
  attentionConstants,
  type Heads,
} from "./attention.js";
import { type KernelDims, type LlamaKernelConfig, staticKernelDims } from "./config.js";
import { defineKernel } from "./define-kernel.js";
import { type Projector, projector } from "./project.js";
import { rmsNorm } from "./rms-norm.js";
import { channelGains, matrix } from "./slots.js";

/** Generates the attention forward kernel. @throws KernelConfigError */
export function fwdAttn(
  config: LlamaKernelConfig,
): Kernel<"x", "o" | "q" | "k" | "v" | "a" | "xn", "norm" | "wq" | "wk" | "wv" | "wo"> {
  const dims = staticKernelDims(config);
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
    constants: attentionConstants(dims),
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
  constants: Readonly<Record<AttentionConstant, Value>>,
  dims: KernelDims,
): Record<"o" | "q" | "k" | "v" | "a" | "xn", Value> {
  const xn = rmsNorm(f, x, norm, dims);
  const projected = {
    q: project("wq", xn, "q_projected"),
    k: project("wk", xn, "k_projected"),
    v: project("wv", xn, "v"),
  };
  const { causal_mask: mask, ...tables } = constants;
  const attend = (heads: Heads) => attendAtOnce(f, heads, mask, dims);
  const { q, k, v, a } = attention(f, projected, tables, dims, attend);
  return { o: project("wo", a, "o"), q, k, v, a, xn };
}
