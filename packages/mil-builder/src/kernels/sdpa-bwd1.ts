/**
 * Attention backward, first half: da = Woᵀ·do; the probabilities are recomputed from q and k (both after RoPE);
 * dv = probsᵀ·da, summed over the query heads of each KV head; dp = da·vᵀ. q: QD, k: KD, v: KD, do: D channels to
 * dv: KD, probs: H·S, dp: H·S, where channel n·S + t of probs and dp holds head n, query t, and the width holds the key.
 */
import type { Kernel } from "../kernel.js";
import { attentionHeads } from "./attention.js";
import { valuesBackward } from "./attention-backward.js";
import { fullMask } from "./causal-mask.js";
import { kernelDims, type LlamaKernelConfig } from "./config.js";
import { defineKernel } from "./define-kernel.js";
import { queryHeads } from "./heads.js";
import { project } from "./project.js";
import { transposedMatrix } from "./slots.js";

/** Generates the first half of the attention backward. @throws KernelConfigError */
export function sdpaBwd1(
  config: LlamaKernelConfig,
): Kernel<"q" | "k" | "v" | "do", "dv" | "probs" | "dp", "wo"> {
  const dims = kernelDims(config);
  const { D, H, S, QD, KD } = dims;
  return defineKernel(dims, {
    name: "sdpaBwd1",
    inputs: { q: QD, k: KD, v: KD, do: D },
    outputs: { dv: KD, probs: H * S, dp: H * S },
    weights: { wo: transposedMatrix(D, QD) },
    constants: { causal_mask: fullMask(dims) },
    body: (f, { q, k, v, do: dOut }, { wo }, { causal_mask: mask }) => {
      const da = queryHeads(f, project(f, dOut, wo, "da"), dims, "da");
      const heads = attentionHeads(f, { q, k, v }, dims);
      const { dv, probs, dp } = valuesBackward(f, { ...heads, da, mask }, dims);
      return {
        dv,
        probs: f.reshape({ x: probs, shape: [1, H * S, 1, S] }, "probs_channels"),
        dp: f.reshape({ x: dp, shape: [1, H * S, 1, S] }, "dp_channels"),
      };
    },
  });
}
