/**
 * What decoding and the whole-window forward have in common: all but how attention reads keys and values. Activations
 * are token-major [rows, channels] fp32; rows are the sequences of a batch or the positions of a window. Buffers and
 * calls are prepared once, so a run allocates nothing.
 * D = dim, F = hiddenDim, V = vocabSize, QD = heads · headDim, KD = kvHeads · headDim, H = heads, KV = kvHeads, h = headDim.
 */
import { embeddingGather, gemm, rmsNormForward, ropeForward, swiGlu } from "@ane/accel-ops";
import type { LlamaConfig } from "./config.js";
import type { LayerParameters, Parameters } from "./parameters.js";

/** Fills `a` from `q`, `k`, `v` of the stack for one layer. */
export type Attend = (layer: number) => void;

export class LayerStack {
  /** [rows, QD], after RoPE. */
  readonly q: Float32Array;
  /** [rows, KD], after RoPE. */
  readonly k: Float32Array;
  /** [rows, KD] */
  readonly v: Float32Array;
  /** [rows, QD], what attention gives. */
  readonly a: Float32Array;
  /** Token ids to run, [rows]. */
  readonly tokens: Uint32Array;
  /** Position of each row, [rows]. */
  readonly positions: Uint32Array;
  readonly #steps: ReturnType<typeof prepare>;

  constructor(parameters: Parameters, rows: number) {
    const { heads, kvHeads, headDim } = parameters.config;
    this.q = new Float32Array(rows * heads * headDim);
    this.k = new Float32Array(rows * kvHeads * headDim);
    this.v = new Float32Array(rows * kvHeads * headDim);
    this.a = new Float32Array(rows * heads * headDim);
    this.tokens = new Uint32Array(rows);
    this.positions = new Uint32Array(rows);
    this.#steps = prepare(parameters, this, rows);
  }

  /**
   * Runs `tokens` at `positions` through all layers and the classifier.
   * @returns Logits [rows, V], overwritten by the next run.
   */
  run(attend: Attend): Float32Array {
    const { embed, layers, rope, finalNorm, classify, logits, hidden } = this.#steps;
    embeddingGather(embed);
    layers.forEach((step, layer) => {
      rmsNormForward(step.attentionNorm);
      gemm(step.wq);
      gemm(step.wk);
      gemm(step.wv);
      for (const headNorm of step.headNorms) rmsNormForward(headNorm);
      ropeForward(rope.q);
      ropeForward(rope.k);
      attend(layer);
      gemm(step.wo);
      rmsNormForward(step.ffnNorm);
      gemm(step.w1);
      gemm(step.w3);
      swiGlu(hidden);
      gemm(step.w2);
    });
    rmsNormForward(finalNorm);
    gemm(classify);
    return logits;
  }
}

/** All buffers and the options of every call. The residual stream x is added to by the products themselves (beta 1). */
function prepare(parameters: Parameters, stack: LayerStack, rows: number) {
  const { config } = parameters;
  const { dim: D, hiddenDim: F, vocabSize: V, heads, kvHeads, headDim } = config;
  const [QD, KD] = [heads * headDim, kvHeads * headDim];
  const layout = "tokenMajor" as const;
  const x = new Float32Array(rows * D);
  const xn = new Float32Array(rows * D);
  const logits = new Float32Array(rows * V);
  const [h1, h3, gate] = [0, 1, 2].map(() => new Float32Array(rows * F)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];

  const norm = (weight: Float32Array) => ({
    rows,
    dim: D,
    x,
    weight,
    out: xn,
    eps: config.normEps,
    layout,
  });
  /** out[rows, n] = input[rows, k] · weightᵀ + beta · out, weight [n, k]. */
  const linear = (
    input: Float32Array,
    weight: Float32Array,
    out: Float32Array,
    [n, k]: readonly [number, number],
    beta = 0,
  ) => ({
    m: rows,
    n,
    k,
    a: { data: input, rowStride: k, columnStride: 1 },
    b: { data: weight, rowStride: 1, columnStride: k },
    c: { data: out, rowStride: n, columnStride: 1 },
    beta,
  });
  const rotate = (data: Float32Array, headCount: number) => ({
    x: data,
    rows,
    heads: headCount,
    headDim,
    theta: config.ropeTheta,
    positions: stack.positions,
    layout,
  });

  return {
    embed: {
      table: parameters.tokenEmbedding,
      tokens: stack.tokens,
      out: x,
      classes: V,
      dim: D,
      layout,
    },
    layers: Array.from({ length: config.layers }, (_, index) => {
      const layer = parameters.layer(index);
      return {
        attentionNorm: norm(layer.attentionNorm),
        wq: linear(xn, layer.wq, stack.q, [QD, D]),
        wk: linear(xn, layer.wk, stack.k, [KD, D]),
        wv: linear(xn, layer.wv, stack.v, [KD, D]),
        headNorms: headNorms(config, stack, layer, rows),
        wo: linear(stack.a, layer.wo, x, [D, QD], 1),
        ffnNorm: norm(layer.ffnNorm),
        w1: linear(xn, layer.w1, h1, [F, D]),
        w3: linear(xn, layer.w3, h3, [F, D]),
        w2: linear(gate, layer.w2, x, [D, F], 1),
      };
    }),
    rope: { q: rotate(stack.q, heads), k: rotate(stack.k, kvHeads) },
    hidden: { h1, h3, gate },
    finalNorm: norm(parameters.finalNorm),
    classify: linear(xn, parameters.classifier, logits, [V, D]),
    logits,
  };
}

/** In place: each head of q and k is a row of its own, [rows · H, h] and [rows · KV, h]. Empty without qkNorm. */
function headNorms(config: LlamaConfig, stack: LayerStack, layer: LayerParameters, rows: number) {
  const norm = (data: Float32Array, headCount: number, weight: Float32Array) => ({
    rows: rows * headCount,
    dim: config.headDim,
    x: data,
    weight,
    out: data,
    eps: config.normEps,
    layout: "tokenMajor" as const,
  });
  const { qNorm, kNorm } = layer;
  if (!qNorm || !kNorm) return [];
  return [norm(stack.q, config.heads, qNorm), norm(stack.k, config.kvHeads, kNorm)];
}
