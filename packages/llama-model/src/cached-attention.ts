/**
 * Attention of one new position to all positions so far, for B sequences at once. The caches are [L, S / P, B, KV, P, h]:
 * in a block of P positions all sequences and KV heads of a layer are one batch of B · KV small products, and what is read
 * lies together. With one block of S positions, caches filled to a half were read at a third of the memory's speed.
 * H = heads, KV = kvHeads, R = H / KV query heads per KV head, h = headDim, S = positions of the cache.
 */
import { copyStrided, gemm, softmax } from "@ane/accel-ops";
import type { LlamaConfig } from "./config.js";
import type { LayerStack } from "./layer-stack.js";

/** Positions of a block: 64 was faster than 16 and 32, and than 256. */
const P = 64;

export class CachedAttention {
  readonly #headDim: number;
  readonly #groupHeads: number;
  /** Cache elements of one block of one layer, and of one layer. */
  readonly #blockLength: number;
  readonly #layerLength: number;
  readonly #calls: ReturnType<typeof prepare>;
  #position = 0;

  constructor(config: LlamaConfig, stack: LayerStack, batch: number, maxSeqLen: number) {
    this.#headDim = config.headDim;
    this.#groupHeads = config.heads / config.kvHeads;
    this.#blockLength = batch * config.kvHeads * P * config.headDim;
    this.#layerLength = Math.ceil(maxSeqLen / P) * this.#blockLength;
    const cacheLength = config.layers * this.#layerLength;
    this.#calls = prepare(config, stack, batch, maxSeqLen, cacheLength);
  }

  /** The position of the tokens that `attend` will see; all earlier ones must be in the cache. */
  set position(position: number) {
    const { scores, normalize, mix } = this.#calls;
    const length = position + 1;
    this.#position = position;
    scores.c.rowStride = mix.a.rowStride = length;
    scores.batch.cStride = mix.batch.aStride = this.#groupHeads * length;
    normalize.axis = length;
  }

  /** Stores the stack's k and v at the position, then a = softmax(q·kᵀ/√h)·v. */
  readonly attend = (layer: number): void => {
    const { storeKeys, storeValues, scores, normalize, mix } = this.#calls;
    const position = this.#position;
    const start = layer * this.#layerLength;
    const newest = start + Math.floor(position / P) * this.#blockLength;
    storeKeys.dst.offset = storeValues.dst.offset = newest + (position % P) * this.#headDim;
    copyStrided(storeKeys);
    copyStrided(storeValues);
    for (let first = 0, block = start; first <= position; first += P, block += this.#blockLength) {
      scores.n = Math.min(P, position + 1 - first);
      scores.b.offset = block;
      scores.c.offset = first;
      gemm(scores);
    }
    softmax(normalize);
    for (let first = 0, block = start; first <= position; first += P, block += this.#blockLength) {
      mix.k = Math.min(P, position + 1 - first);
      mix.a.offset = first;
      mix.b.offset = block;
      mix.beta = first === 0 ? 0 : 1;
      gemm(mix);
    }
  };
}

/** The options of every call; `position` and `attend` set what depends on position, layer and block. */
function prepare(
  config: LlamaConfig,
  stack: LayerStack,
  batch: number,
  S: number,
  cacheLength: number,
) {
  const { heads: H, kvHeads: KV, headDim: h } = config;
  const R = H / KV;
  const keys = new Float32Array(cacheLength);
  const values = new Float32Array(cacheLength);
  const probabilities = new Float32Array(batch * H * S);
  /** [B·KV, h] of the new position to its place among P positions. */
  const store = (data: Float32Array, cache: Float32Array) => ({
    shape: [batch * KV, h],
    src: { data, offset: 0, strides: [h, 1] },
    dst: { data: cache, offset: 0, strides: [P * h, 1] },
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
      c: { data: probabilities, offset: 0, rowStride: 1, columnStride: 1 },
      alpha: 1 / Math.sqrt(h),
      batch: { count: batch * KV, aStride: R * h, bStride: P * h, cStride: R },
    },
    normalize: { outer: batch * H, axis: 1, inner: 1, x: probabilities, out: probabilities },
    mix: {
      m: R,
      n: h,
      k: 1,
      a: { data: probabilities, offset: 0, rowStride: 1, columnStride: 1 },
      b: { data: values, offset: 0, rowStride: h, columnStride: 1 },
      c: { data: stack.a, rowStride: h, columnStride: 1 },
      beta: 0,
      batch: { count: batch * KV, aStride: R, bStride: P * h, cStride: R * h },
    },
  };
}
