/**
 * The whole attention backward with its weights as inputs: da = Woᵀ·do; probabilities recomputed from q and k (after RoPE);
 * dv = probsᵀ·da; ds = probs·(da·vᵀ − Σ probs·da·vᵀ)/√h; dq = RoPEᵀ(ds·k); dk = RoPEᵀ(dsᵀ·q); dx = Wqᵀ·dq + Wkᵀ·dk + Wvᵀ·dv,
 * one product over all three. do: D, q: QD, k: KD, v: KD channels to dx: D, dq: QD, dk: KD, dv: KD. With qkNorm q and k come as
 * they were projected; their norm and RoPE are done again, and the gradients of the gains leave position by position,
 * dqGains: h, dkGains: h.
 */
import type { FunctionBuilder } from "../../builder.js";
import type { DynamicKernel, Slot } from "../../kernel.js";
import type { Value } from "../../program.js";
import { attentionHeads } from "../attention.js";
import { type KernelDims, kernelDims, type LlamaKernelConfig } from "../config.js";
import { headNormBackward } from "../head-norm.js";
import { mergeHeads, queryHeads, sumHeads } from "../heads.js";
import { rope, ropeBackward } from "../rope.js";
import {
  type AttentionWeight,
  attentionSurface,
  headNormAttentionSurface,
} from "./attention-surface.js";
import { attendInHalvesBackward, type HalvesConstant, halvesConstants } from "./causal-halves.js";
import { defineDynamicKernel, type WeightReader } from "./define-dynamic-kernel.js";
import { normalizeHeads } from "./dynamic-attn-fwd.js";
import { multiply, multiplyTransposed } from "./multiply.js";

type Values<Name extends string> = Readonly<Record<Name, Value>>;
type Output = "dx" | "dq" | "dk" | "dv";

/** Where the gains of a head norm go in, and where their gradients [1, h, 1, S] come out. */
export interface HeadNormSlots {
  readonly gains: Slot;
  readonly dGains: Slot;
}

export interface DynamicAttnBwd
  extends DynamicKernel<"do" | "q" | "k" | "v", Output, AttentionWeight> {
  /** Only with qkNorm. The forward kernel reads the same gains. */
  readonly headNorms?: Readonly<Record<"q" | "k", HeadNormSlots>>;
}

/** Generates the attention backward kernel of the dynamic pipeline. @throws KernelConfigError */
export function dynamicAttnBwd(config: LlamaKernelConfig): DynamicAttnBwd {
  const dims = kernelDims(config);
  const { D, h, QD, KD } = dims;
  const outputs = { dx: D, dq: QD, dk: KD, dv: KD };
  const common = { name: "dynamicAttnBwd", constants: halvesConstants(dims) };
  if (!dims.qkNorm) {
    return defineDynamicKernel(dims, {
      ...common,
      outputs,
      surface: attentionSurface(dims),
      inputs: ["do", "q", "k", "v"],
      body: (f, inputs, weight, constants) => {
        const gradients = attentionBackward(f, inputs, weight, constants, dims);
        return { dx: projectionsBackward(f, gradients, weight), ...gradients };
      },
    });
  }
  const kernel = defineDynamicKernel(dims, {
    ...common,
    outputs: { ...outputs, dqGains: h, dkGains: h },
    surface: headNormAttentionSurface(dims),
    inputs: ["do", "q", "k", "v", "qGains", "kGains"],
    body: (f, { qGains, kGains, ...inputs }, weight, constants) => {
      const normalized = normalizeHeads(f, inputs, { qGains, kGains }, dims);
      const turned = {
        ...inputs,
        q: rope(f, normalized.q, constants, "q_turned"),
        k: rope(f, normalized.k, constants, "k_turned"),
      };
      const inner = attentionBackward(f, turned, weight, constants, dims);
      const q = headNormBackward(f, { x: inputs.q, dxn: inner.dq, gains: qGains }, dims, "q");
      const k = headNormBackward(f, { x: inputs.k, dxn: inner.dk, gains: kGains }, dims, "k");
      const gradients = { dq: q.dx, dk: k.dx, dv: inner.dv };
      const dx = projectionsBackward(f, gradients, weight);
      return { dx, ...gradients, dqGains: q.dGains, dkGains: k.dGains };
    },
  });
  const { inputs, outputs: slots } = kernel;
  return {
    ...kernel,
    headNorms: {
      q: { gains: inputs.qGains, dGains: slots.dqGains },
      k: { gains: inputs.kGains, dGains: slots.dkGains },
    },
  };
}

/** Gradients of v and of what went into RoPE; q and k after RoPE. */
function attentionBackward(
  f: FunctionBuilder,
  { do: dOut, ...inputs }: Values<"do" | "q" | "k" | "v">,
  weight: WeightReader<AttentionWeight>,
  constants: Values<HalvesConstant>,
  dims: KernelDims,
): Values<"dq" | "dk" | "dv"> {
  const da = queryHeads(f, multiply(f, weight("wo"), dOut, "da"), dims, "da");
  const heads = { ...attentionHeads(f, inputs, dims), da };
  const { dq, dk, dv } = attendInHalvesBackward(f, heads, constants, dims);
  const dqTurned = mergeHeads(f, dq, "dq_turned");
  const dkTurned = mergeHeads(f, sumHeads(f, dk, dims, "dk_shared"), "dk_turned");
  return {
    dq: ropeBackward(f, dqTurned, constants, "dq"),
    dk: ropeBackward(f, dkTurned, constants, "dk"),
    dv: mergeHeads(f, sumHeads(f, dv, dims, "dv_shared"), "dv"),
  };
}

function projectionsBackward(
  f: FunctionBuilder,
  { dq, dk, dv }: Values<"dq" | "dk" | "dv">,
  weight: WeightReader<AttentionWeight>,
): Value {
  const gradients = f.concat({ values: [dq, dk, dv], axis: 1, interleave: false }, "dqkv");
  return multiplyTransposed(f, weight("wq", "wk", "wv"), gradients, "dx");
}
