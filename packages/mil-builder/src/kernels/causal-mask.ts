/**
 * The causal mask [1, 1, S, S] that is added to attention scores: 0 where key ≤ query, a large negative number above the
 * diagonal. It is finite (−65504 in fp16) because fp16 infinities turn into ordinary numbers inside the engine's
 * multiply-accumulate array. A score below −16 plus the mask does round to −inf in fp16; softmax still makes it 0, as
 * the diagonal of every row is unmasked. The engine ignores the attn_mask of its own attention op (maderix/ANE, Orion).
 */
import type { KernelDims } from "./config.js";
import { type ConstantBlob, constantBlob } from "./constant-blob.js";

const MASKED = { fp16: -65504, fp32: -(2 ** 100) };

export function causalMask({ S, dtype }: KernelDims): ConstantBlob {
  return constantBlob("causal_mask", dtype, [1, 1, S, S], (index) => {
    const query = Math.floor(index / S);
    const key = index % S;
    return key > query ? MASKED[dtype] : 0;
  });
}
