/**
 * The Llama layer in plain float64 loops, written from the formulas alone: what the kernels are compared with.
 * Activations are channel-first, element (c, s) at c·S + s; weights are [out, in] row-major.
 */
import type { LlamaKernelConfig } from "../../src/kernels/config.js";

export interface LayerWeights {
  readonly norm: Float64Array;
  readonly wq: Float64Array;
  readonly wk: Float64Array;
  readonly wv: Float64Array;
  readonly wo: Float64Array;
  readonly w1: Float64Array;
  readonly w2: Float64Array;
  readonly w3: Float64Array;
}

/** Rounding of the constants that a kernel holds in its dtype: RoPE tables and 1/√h. */
export type Rounding = (value: number) => number;
const exact: Rounding = (value) => value;

/** y[o, s] = Σ_i w[o, i]·x[i, s] */
export function project(w: Float64Array, x: Float64Array, S: number): Float64Array {
  const inputs = x.length / S;
  const outputs = w.length / inputs;
  const y = new Float64Array(outputs * S);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      const weight = w[o * inputs + i]!;
      for (let s = 0; s < S; s++) y[o * S + s]! += weight * x[i * S + s]!;
    }
  }
  return y;
}

export function rmsNorm(x: Float64Array, w: Float64Array, S: number, eps: number): Float64Array {
  const y = new Float64Array(x.length);
  for (let s = 0; s < S; s++) {
    let squares = 0;
    for (let c = 0; c < w.length; c++) squares += x[c * S + s]! ** 2;
    const inverse = 1 / Math.sqrt(squares / w.length + eps);
    for (let c = 0; c < w.length; c++) y[c * S + s] = x[c * S + s]! * inverse * w[c]!;
  }
  return y;
}

/** Rotates channels (2i, 2i+1) of each head at position s by the angle s·theta^(−2i/h). */
export function rope(
  x: Float64Array,
  { headDim, seqLen: S, ropeTheta }: LlamaKernelConfig,
  round = exact,
): Float64Array {
  const y = new Float64Array(x.length);
  for (let c = 0; c < x.length / S; c += 2) {
    const frequency = 1 / ropeTheta ** ((c % headDim) / headDim);
    for (let s = 0; s < S; s++) {
      const cos = round(Math.cos(s * frequency));
      const sin = round(Math.sin(s * frequency));
      const even = x[c * S + s]!;
      const odd = x[(c + 1) * S + s]!;
      y[c * S + s] = even * cos - odd * sin;
      y[(c + 1) * S + s] = even * sin + odd * cos;
    }
  }
  return y;
}

/** Causal attention over q [H·h, S] and k, v [KV·h, S], all after RoPE: [H·h, S]. */
export function attention(
  q: Float64Array,
  k: Float64Array,
  v: Float64Array,
  { heads, kvHeads, headDim: h, seqLen: S }: LlamaKernelConfig,
  round = exact,
): Float64Array {
  const scale = round(1 / Math.sqrt(h));
  const a = new Float64Array(q.length);
  const row = new Float64Array(S);
  for (let n = 0; n < heads; n++) {
    const kv = Math.floor(n / (heads / kvHeads));
    for (let t = 0; t < S; t++) {
      let largest = -Infinity;
      for (let u = 0; u <= t; u++) {
        let score = 0;
        for (let d = 0; d < h; d++) score += q[(n * h + d) * S + t]! * k[(kv * h + d) * S + u]!;
        row[u] = score * scale;
        largest = Math.max(largest, row[u]!);
      }
      let total = 0;
      for (let u = 0; u <= t; u++) {
        row[u] = Math.exp(row[u]! - largest);
        total += row[u]!;
      }
      for (let d = 0; d < h; d++) {
        let sum = 0;
        for (let u = 0; u <= t; u++) sum += row[u]! * v[(kv * h + d) * S + u]!;
        a[(n * h + d) * S + t] = sum / total;
      }
    }
  }
  return a;
}

/** The attention block after its RMSNorm. */
export function attentionBlock(
  xn: Float64Array,
  weights: LayerWeights,
  config: LlamaKernelConfig,
  round = exact,
) {
  const S = config.seqLen;
  const q = rope(project(weights.wq, xn, S), config, round);
  const k = rope(project(weights.wk, xn, S), config, round);
  const v = project(weights.wv, xn, S);
  const a = attention(q, k, v, config, round);
  return { o: project(weights.wo, a, S), q, k, v, a };
}

/** The feed-forward block after its RMSNorm. */
export function feedForwardBlock(xn: Float64Array, weights: LayerWeights, S: number) {
  const h1 = project(weights.w1, xn, S);
  const h3 = project(weights.w3, xn, S);
  const gate = gated(h1, h3);
  return { y: project(weights.w2, gate, S), h1, h3, gate };
}

/** silu(h1)·h3 */
export function gated(h1: Float64Array, h3: Float64Array): Float64Array {
  return h1.map((value, i) => (value / (1 + Math.exp(-value))) * h3[i]!);
}
