/**
 * Attention of every position of a window to itself and those before it.
 * H = heads, KV = kvHeads, R = H / KV query heads per KV head, h = headDim, S = positions of the window.
 */
import { copyStrided, gemm, softmax } from "@ane/accel-ops";
import type { LlamaConfig } from "./config.js";
import type { LayerStack } from "./layer-stack.js";

/** @returns The function that fills the stack's a [S, H·h] with softmax(q·kᵀ/√h + mask)·v. */
export function causalAttention(config: LlamaConfig, stack: LayerStack, S: number): () => void {
  const { heads: H, kvHeads: KV, headDim: h } = config;
  const R = H / KV;
  const probabilities = new Float32Array(H * S * S);
  const mask = new Float32Array(S * S);
  for (let row = 0; row < S; row++) {
    mask.fill(Number.NEGATIVE_INFINITY, row * S + row + 1, (row + 1) * S);
  }
  const fillMask = {
    shape: [H, S, S],
    src: { data: mask, offset: 0, strides: [0, S, 1] },
    dst: { data: probabilities, offset: 0, strides: [S * S, S, 1] },
  };
  const normalize = { outer: H * S, axis: S, inner: 1, x: probabilities, out: probabilities };
  // Query head g·R + r reads KV head g: for each r, one batch over the KV heads.
  const products = Array.from({ length: R }, (_, r) => ({
    scores: {
      m: S,
      n: S,
      k: h,
      a: { data: stack.q, offset: r * h, rowStride: H * h, columnStride: 1 },
      b: { data: stack.k, offset: 0, rowStride: 1, columnStride: KV * h },
      c: { data: probabilities, offset: r * S * S, rowStride: S, columnStride: 1 },
      alpha: 1 / Math.sqrt(h),
      beta: 1,
      batch: { count: KV, aStride: R * h, bStride: h, cStride: R * S * S },
    },
    mix: {
      m: S,
      n: h,
      k: S,
      a: { data: probabilities, offset: r * S * S, rowStride: S, columnStride: 1 },
      b: { data: stack.v, offset: 0, rowStride: KV * h, columnStride: 1 },
      c: { data: stack.a, offset: r * h, rowStride: H * h, columnStride: 1 },
      batch: { count: KV, aStride: R * S * S, bStride: h, cStride: R * h },
    },
  }));
  return () => {
    copyStrided(fillMask);
    for (const { scores } of products) gemm(scores);
    softmax(normalize);
    for (const { mix } of products) gemm(mix);
  };
}
