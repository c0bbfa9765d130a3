/**
 * Attention backward, second half: ds = probs·(dp − Σ probs·dp)/√h, the sum over keys; dq = RoPEᵀ(ds·k); dk = RoPEᵀ(dsᵀ·q),
 * summed over the query heads of each KV head. dq and dk are gradients of Wq·xn and Wk·xn, before RoPE. No weights.
 * probs: H·S, dp: H·S, q: QD, k: KD channels (q and k after RoPE) to dq: QD, dk: KD.
 */
import type { Kernel } from "../kernel.js";
import { kernelDims, type LlamaKernelConfig } from "./config.js";
import { defineKernel } from "./define-kernel.js";
import { mergeHeads, splitHeads, sumHeads } from "./heads.js";
import { ropeBackward, ropeConstants } from "./rope.js";

/** Generates the second half of the attention backward. @throws KernelConfigError */
export function sdpaBwd2(
  config: LlamaKernelConfig,
): Kernel<"probs" | "dp" | "q" | "k", "dq" | "dk", never> {
  const dims = kernelDims(config);
  const { H, KV, h, S, QD, KD } = dims;
  const ratio = H / KV;
  return defineKernel(dims, {
    name: "sdpaBwd2",
    inputs: { probs: H * S, dp: H * S, q: QD, k: KD },
    outputs: { dq: QD, dk: KD },
    weights: {},
    constants: ropeConstants(dims),
    body: (f, inputs, _weights, constants) => {
      const probs = f.reshape({ x: inputs.probs, shape: [1, H, S, S] }, "probs_heads");
      const dp = f.reshape({ x: inputs.dp, shape: [1, H, S, S] }, "dp_heads");
      const weighted = f.mul({ x: probs, y: dp }, "probs_dp");
      const mean = f.reduce_sum({ x: weighted, axes: [-1], keep_dims: true }, "dp_mean");
      const centred = f.sub({ x: dp, y: mean }, "dp_centred");
      const dscores = f.mul({ x: probs, y: centred }, "dscores");
      const ds = f.mul({ x: dscores, y: 1 / Math.sqrt(h) }, "ds");
      const queries = splitHeads(f, inputs.q, { h }, "q");
      const keys = splitHeads(f, inputs.k, { h, ratio }, "k");
      const dqRotated = f.matmul(
        { x: ds, y: keys, transpose_x: false, transpose_y: false },
        "dq_rotated",
      );
      const dkRepeated = f.matmul(
        { x: ds, y: queries, transpose_x: true, transpose_y: false },
        "dk_repeated",
      );
      const dkRotated = sumHeads(f, dkRepeated, ratio, "dk_rotated");
      return {
        dq: mergeHeads(f, ropeBackward(f, dqRotated, constants, "dq_heads"), "dq"),
        dk: mergeHeads(f, ropeBackward(f, dkRotated, constants, "dk_heads"), "dk"),
      };
    },
  });
}
