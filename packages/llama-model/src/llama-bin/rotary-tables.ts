/** The cosine and sine tables of RoPE that llama2.c's version-0 files carry. */
import type { LlamaConfig } from "../config.js";

/**
 * Computes what llama2.c's precompute_freqs_cis (model.py) computes, in its fp32 steps: angle(t, i) = t · (1 / theta^(2i/h)).
 * @returns cos [S, h/2], then sin [S, h/2], each value correctly rounded. Published files differ from each other in the
 *   last bit, since they depend on the machine's cosine; readers of this format compute their own and skip these.
 */
export function rotaryTables(config: LlamaConfig): Float32Array {
  const { seqLen: S, headDim: h, ropeTheta } = config;
  const half = h / 2;
  const tables = new Float32Array(S * h);
  for (let i = 0; i < half; i++) {
    const frequency = Math.fround(1 / Math.fround(ropeTheta ** Math.fround((2 * i) / h)));
    for (let t = 0; t < S; t++) {
      const angle = Math.fround(t * frequency);
      tables[t * half + i] = Math.cos(angle);
      tables[(S + t) * half + i] = Math.sin(angle);
    }
  }
  return tables;
}
