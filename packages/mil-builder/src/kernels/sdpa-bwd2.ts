/**
 * Attention backward, second half: ds = probs·(dp − Σ probs·dp)/√h, the sum over keys; dq = RoPEᵀ(ds·k); dk = RoPEᵀ(dsᵀ·q),
 * summed over the query heads of each KV head. dq and dk are gradients of Wq·xn and Wk·xn, before RoPE. No weights.
 * probs: H·S, dp: H·S, q: QD, k: KD channels (q and k after RoPE) to dq: QD, dk: KD.
 */
import type { Kernel } from "../kernel.js";
import { scoresBackward } from "./attention-backward.js";
import { kernelDims, type LlamaKernelConfig } from "./config.js";
import { defineKernel } from "./define-kernel.js";
import { queryHeads, repeatedHeads } from "./heads.js";
import { ropeConstants } from "./rope.js";

/** Generates the second half of the attention backward. @throws KernelConfigError */
export function sdpaBwd2(
  config: LlamaKernelConfig,
): Kernel<"probs" | "dp" | "q" | "k", "dq" | "dk", never> {
  const dims = kernelDims(config);
  const { H, S, QD, KD } = dims;
  return defineKernel(dims, {
    name: "sdpaBwd2",
    inputs: { probs: H * S, dp: H * S, q: QD, k: KD },
    outputs: { dq: QD, dk: KD },
    weights: {},
    constants: ropeConstants(dims),
    body: (f, { q, k, ...inputs }, _weights, tables) => {
      const probs = f.reshape({ x: inputs.probs, shape: [1, H, S, S] }, "probs_heads");
      const dp = f.reshape({ x: inputs.dp, shape: [1, H, S, S] }, "dp_heads");
      const queries = queryHeads(f, q, dims, "q");
      const keys = repeatedHeads(f, k, dims, "k");
      return scoresBackward(f, { probs, dp, queries, keys }, tables, dims);
    },
  });
}
