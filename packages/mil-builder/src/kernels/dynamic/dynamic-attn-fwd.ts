/**
 * Attention forward with its weights as inputs: q, k = RoPE(Wq·xn), RoPE(Wk·xn); v = Wv·xn; a = softmax(q·kᵀ/√h + mask)·v;
 * o = Wo·a. xn [1, D, 1, S] to o: D, q: QD, k: KD, v: KD, a: QD channels. The three projections are one product, since their
 * weights lie one below the other. With qkNorm the heads of Wq·xn and Wk·xn are normalized before RoPE, and the taps q and k
 * are taken before that, where the backward of the norm starts from.
 */
import type { FunctionBuilder } from "../../builder.js";
import type { DynamicKernel } from "../../kernel.js";
import type { Value } from "../../program.js";
import { attention, type Heads } from "../attention.js";
import { type KernelDims, kernelDims, type LlamaKernelConfig } from "../config.js";
import { headNorm } from "../head-norm.js";
import {
  type AttentionWeight,
  attentionSurface,
  type HeadGains,
  headNormAttentionSurface,
} from "./attention-surface.js";
import { attendInHalves, type HalvesConstant, halvesConstants } from "./causal-halves.js";
import { defineDynamicKernel, type WeightReader } from "./define-dynamic-kernel.js";
import { multiply, multiplyTransposed } from "./multiply.js";

type Projected = Readonly<Record<"q" | "k" | "v", Value>>;
type Output = "o" | "q" | "k" | "v" | "a";

/** Generates the attention forward kernel of the dynamic pipeline. @throws KernelConfigError */
export function dynamicAttnFwd(
  config: LlamaKernelConfig,
): DynamicKernel<"xn", Output, AttentionWeight> {
  const dims = kernelDims(config);
  const { D, QD, KD } = dims;
  const common = {
    name: "dynamicAttnFwd",
    outputs: { o: D, q: QD, k: KD, v: KD, a: QD },
    constants: halvesConstants(dims),
  };
  if (!dims.qkNorm) {
    return defineDynamicKernel(dims, {
      ...common,
      surface: attentionSurface(dims),
      inputs: ["xn"],
      body: (f, { xn }, weight, constants) => {
        const { q, k, v, a } = attend(f, projections(f, xn, weight, dims), constants, dims);
        return { o: multiplyTransposed(f, weight("wo"), a, "o"), q, k, v, a };
      },
    });
  }
  return defineDynamicKernel(dims, {
    ...common,
    surface: headNormAttentionSurface(dims),
    inputs: ["xn", "qGains", "kGains"],
    body: (f, { xn, ...gains }, weight, constants) => {
      const projected = projections(f, xn, weight, dims);
      const { a } = attend(f, normalizeHeads(f, projected, gains, dims), constants, dims);
      return { o: multiplyTransposed(f, weight("wo"), a, "o"), ...projected, a };
    },
  });
}

/** Wq·xn, Wk·xn and Wv·xn. */
function projections(
  f: FunctionBuilder,
  xn: Value,
  weight: WeightReader<AttentionWeight>,
  { QD, KD, S }: KernelDims,
): Projected {
  const qkv = multiply(f, weight("wq", "wk", "wv"), xn, "qkv");
  const part = (start: number, channels: number, name: string) =>
    f.slice_by_size({ x: qkv, begin: [0, start, 0, 0], size: [1, channels, 1, S] }, name);
  return {
    q: part(0, QD, "q_projected"),
    k: part(QD, KD, "k_projected"),
    v: part(QD + KD, KD, "v"),
  };
}

function attend(
  f: FunctionBuilder,
  projected: Projected,
  constants: Readonly<Record<HalvesConstant, Value>>,
  dims: KernelDims,
): Record<"q" | "k" | "v" | "a", Value> {
  const inHalves = (heads: Heads) => attendInHalves(f, heads, constants, dims);
  return attention(f, projected, constants, dims, inHalves);
}

/** q and k with their heads normalized; forward and backward share it, so that both round alike. */
export function normalizeHeads(
  f: FunctionBuilder,
  { q, k, v }: Projected,
  { qGains, kGains }: Readonly<Record<HeadGains, Value>>,
  dims: KernelDims,
): Projected {
  return {
    q: headNorm(f, { x: q, gains: qGains }, dims, "q_normalized"),
    k: headNorm(f, { x: k, gains: kGains }, dims, "k_normalized"),
    v,
  };
}
