/**
 * Inference token by token with a cache of keys and values: B sequences at the same position, fp32.
 * S = maxSeqLen, V = vocabSize.
 */
import { CachedAttention } from "./cached-attention.js";
import { capLogits } from "./cap-logits.js";
import { InputError } from "./errors.js";
import { LayerStack } from "./layer-stack.js";
import type { Parameters } from "./parameters.js";

/** The size of a decoder's cache. */
export interface DecoderOptions {
  /** B: sequences decoded together. Default 1. */
  readonly batch?: number;
  /** S: positions of the cache; more than the model was trained on is allowed. Default: the configuration's seqLen. */
  readonly maxSeqLen?: number;
}

/** Runs a batch of sequences forward, one token of each at a time. */
export class Decoder {
  readonly batch: number;
  readonly maxSeqLen: number;
  readonly #vocabSize: number;
  readonly #softcap: number;
  readonly #stack: LayerStack;
  readonly #attention: CachedAttention;
  /** Positions whose keys and values are in the cache. */
  #filled = 0;

  /** Reads `parameters` in place: later changes to them are seen. @throws InputError */
  constructor(parameters: Parameters, options: DecoderOptions = {}) {
    const { batch = 1, maxSeqLen = parameters.config.seqLen } = options;
    for (const [name, value] of Object.entries({ batch, maxSeqLen })) {
      if (Number.isInteger(value) && value >= 1) continue;
      throw new InputError(
        `Decoder: ${name} must be a positive integer, got ${value}. Leave it out for the default.`,
      );
    }
    this.batch = batch;
    this.maxSeqLen = maxSeqLen;
    this.#vocabSize = parameters.config.vocabSize;
    this.#softcap = parameters.config.logitSoftcap;
    this.#stack = new LayerStack(parameters, batch);
    this.#attention = new CachedAttention(parameters.config, this.#stack, batch, maxSeqLen);
  }

  /**
   * Appends one token to each sequence.
   * @param tokens [B] ids of all sequences at `position`.
   * @param position 0 … the number of positions run so far; an earlier one rewinds to it.
   * @returns Logits [B, V] of the next token, overwritten by the next call.
   * @throws InputError
   */
  forward(tokens: ArrayLike<number>, position: number): Float32Array {
    if (tokens.length !== this.batch) {
      throw new InputError(
        `Decoder.forward: tokens must hold one id for each of ${this.batch} sequences, got ${tokens.length}. Match the decoder's batch.`,
      );
    }
    const last = Math.min(this.#filled, this.maxSeqLen - 1);
    if (!Number.isInteger(position) || position < 0 || position > last) {
      throw new InputError(
        `Decoder.forward: position must be an integer from 0 to ${last}, got ${position}. Positions follow each other from 0 to ${this.maxSeqLen - 1}.`,
      );
    }
    for (let b = 0; b < this.batch; b++) {
      const token = tokens[b]!;
      if (!Number.isInteger(token) || token < 0 || token >= this.#vocabSize) {
        throw new InputError(
          `Decoder.forward: tokens[${b}] must be an integer from 0 to ${this.#vocabSize - 1}, got ${token}. Use the model's tokenizer.`,
        );
      }
      this.#stack.tokens[b] = token;
    }
    this.#stack.positions.fill(position);
    this.#attention.position = position;
    const logits = this.#stack.run(this.#attention.attend);
    capLogits(logits, this.#softcap);
    this.#filled = position + 1;
    return logits;
  }

  /** Forgets all positions: the next call must be at position 0. */
  reset(): void {
    this.#filled = 0;
  }
}
