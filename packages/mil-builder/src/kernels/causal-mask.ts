/**
 * The causal mask [1, 1, queries, keys] that is added to attention scores: 0 where key ≤ query, a large negative number above the
 * diagonal. It is finite (−65504 in fp16) because fp16 infinities turn into ordinary numbers inside the engine's
 * multiply-accumulate array. A score below −16 plus the mask does round to −inf in fp16; softmax still makes it 0, as
 * the diagonal of every row is unmasked. The engine ignores the attn_mask of its own attention op (maderix/ANE, Orion).
 */
import type { KernelDims } from "./config.js";
import { type ConstantBlob, constantBlob } from "./constant-blob.js";

const MASKED = { fp16: -65504, fp32: -(2 ** 100) };

/** For all S queries and keys. */
export function fullMask({ S, dtype }: KernelDims): ConstantBlob {
  return causalMask("causal_mask", dtype, 0, S);
}

/** For queries `from` up to `to`, and the keys before `to`, which are all that they may see. */
export function causalMask(
  name: string,
  dtype: "fp16" | "fp32",
  from: number,
  to: number,
): ConstantBlob {
  return constantBlob(name, dtype, [1, 1, to - from, to], () => {
    const mask = new Float64Array((to - from) * to);
    for (let query = from; query < to; query++) {
      const row = (query - from) * to;
      mask.fill(MASKED[dtype], row + query + 1, row + to);
    }
    return mask;
  });
}
