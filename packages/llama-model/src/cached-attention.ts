/**
 * Attention of one new position to all positions so far, for B sequences at once. The caches are [L, B, KV, S, h], so that
 * all sequences and KV heads of a layer are one batch of B · KV small products.
 * H = heads, KV = kvHeads, R = H / KV query heads per KV head, h = headDim, S = positions of the cache.
 */
import { copyStrided, gemm, softmax } from "@ane/accel-ops";
import type { LlamaConfig } from "./config.js";
import type { LayerStack } from "./layer-stack.js";

export class CachedAttention {
  readonly #headDim: number;
  readonly #groupHeads: number;
  readonly #layerLength: number;
  readonly #calls: ReturnType<typeof prepare>;
  #position = 0;

  constructor(config: LlamaConfig, stack: LayerStack, batch: number, maxSeqLen: number) {
    this.#headDim = config.headDim;
    this.#groupHeads = config.heads / config.kvHeads;
    this.#layerLength = batch * config.kvHeads * maxSeqLen * config.headDim;
    this.#calls = prepare(config, stack, batch, maxSeqLen);
  }

  /** The position of the tokens that `attend` will see; all earlier ones must be in the cache. */
  set position(position: number) {
    const { scores, normalize, mix } = this.#calls;
    const length = position + 1;
    this.#position = position;
    scores.n = length;
    scores.c.rowStride = length;
    scores.batch.cStride = this.#groupHeads * length;
    normalize.axis = length;
    mix.k = length;
    mix.a.rowStride = length;
    mix.batch.aStride = this.#groupHeads * length;
  }

  /** Stores the stack's k and v at the position, then a = softmax(q·kᵀ/√h)·v. */
  readonly attend = (layer: number): void => {
    const { storeKeys, storeValues, scores, normalize, mix } = this.#calls;
    const start = layer * this.#layerLength;
    storeKeys.dst.offset = storeValues.dst.offset = start + this.#position * this.#headDim;
    scores.b.offset = mix.b.offset = start;
    copyStrided(storeKeys);
    copyStrided(storeValues);
    gemm(scores);
    softmax(normalize);
    gemm(mix);
  };
}

/** The options of every call; `position` and `attend` set what depends on position and layer. */
function prepare(config: LlamaConfig, stack: LayerStack, batch: number, S: number) {
  const { heads: H, kvHeads: KV, headDim: h } = config;
  const R = H / KV;
  const cacheLength = config.layers * batch * KV * S * h;
  const keys = new Float32Array(cacheLength);
  const values = new Float32Array(cacheLength);
  const probabilities = new Float32Array(batch * H * S);
  /** [B·KV, h] of the new position to its place among S positions. */
  const store = (data: Float32Array, cache: Float32Array) => ({
    shape: [batch * KV, h],
    src: { data, offset: 0, strides: [h, 1] },
    dst: { data: cache, offset: 0, strides: [S * h, 1] },
  });
  return {
    storeKeys: store(stack.k, keys),
    storeValues: store(stack.v, values),
    scores: {
      m: R,
      n: 1,
      k: h,
      a: { data: stack.q, rowStride: h, columnStride: 1 },
      b: { data: keys, offset: 0, rowStride: 1, columnStride: h },
      c: { data: probabilities, rowStride: 1, columnStride: 1 },
      alpha: 1 / Math.sqrt(h),
      batch: { count: batch * KV, aStride: R * h, bStride: S * h, cStride: R },
    },
    normalize: { outer: batch * H, axis: 1, inner: 1, x: probabilities, out: probabilities },
    mix: {
      m: R,
      n: h,
      k: 1,
      a: { data: probabilities, rowStride: 1, columnStride: 1 },
      b: { data: values, offset: 0, rowStride: h, columnStride: 1 },
      c: { data: stack.a, rowStride: h, columnStride: 1 },
      batch: { count: batch * KV, aStride: R, bStride: S * h, cStride: R * h },
    },
  };
}
