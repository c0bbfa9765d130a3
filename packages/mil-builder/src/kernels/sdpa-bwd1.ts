/**
 * Attention backward, first half: da = Woᵀ·do; the probabilities are recomputed from q and k (both after RoPE);
 * dv = probsᵀ·da, summed over the query heads of each KV head; dp = da·vᵀ. q: QD, k: KD, v: KD, do: D channels to
 * dv: KD, probs: H·S, dp: H·S, where channel n·S + t of probs and dp holds head n, query t, and the width holds the key.
 */
import type { Kernel } from "../kernel.js";
import { attentionProbabilities } from "./attention.js";
import { causalMask } from "./causal-mask.js";
import { kernelDims, type LlamaKernelConfig } from "./config.js";
import { defineKernel } from "./define-kernel.js";
import { mergeHeads, splitHeads, sumHeads } from "./heads.js";
import { project } from "./project.js";
import { transposedMatrix } from "./slots.js";

/** Generates the first half of the attention backward. @throws KernelConfigError */
export function sdpaBwd1(
  config: LlamaKernelConfig,
): Kernel<"q" | "k" | "v" | "do", "dv" | "probs" | "dp", "wo"> {
  const dims = kernelDims(config);
  const { D, H, KV, h, S, QD, KD } = dims;
  const ratio = H / KV;
  return defineKernel(dims, {
    name: "sdpaBwd1",
    inputs: { q: QD, k: KD, v: KD, do: D },
    outputs: { dv: KD, probs: H * S, dp: H * S },
    weights: { wo: transposedMatrix(D, QD) },
    constants: { causal_mask: causalMask(dims) },
    body: (f, { q, k, v, do: dOut }, { wo }, { causal_mask: mask }) => {
      const da = splitHeads(f, project(f, dOut, wo, "da"), { h }, "da");
      const queries = splitHeads(f, q, { h }, "q");
      const keys = splitHeads(f, k, { h, ratio }, "k");
      const values = splitHeads(f, v, { h, ratio }, "v");
      const probs = attentionProbabilities(f, { q: queries, k: keys, mask }, dims);
      const dvRepeated = f.matmul(
        { x: probs, y: da, transpose_x: true, transpose_y: false },
        "dv_repeated",
      );
      const dv = mergeHeads(f, sumHeads(f, dvRepeated, ratio, "dv_heads"), "dv");
      const dp = f.matmul({ x: da, y: values, transpose_x: false, transpose_y: true }, "dp_heads");
      return {
        dv,
        probs: f.reshape({ x: probs, shape: [1, H * S, 1, S] }, "probs_channels"),
        dp: f.reshape({ x: dp, shape: [1, H * S, 1, S] }, "dp_channels"),
      };
    },
  });
}
