/**
 * Forward of a whole window of S tokens at once, without a cache: for losses, and as the check of the decoder.
 * V = vocabSize.
 */
import { crossEntropyLoss } from "@ane/accel-ops";
import { capLogits } from "./cap-logits.js";
import { causalAttention } from "./causal-attention.js";
import { InputError } from "./errors.js";
import { LayerStack } from "./layer-stack.js";
import type { Parameters } from "./parameters.js";

/** Runs all positions of one window forward at once. */
export class WindowForward {
  /** S */
  readonly seqLen: number;
  readonly #vocabSize: number;
  readonly #softcap: number;
  readonly #stack: LayerStack;
  readonly #attend: () => void;

  /**
   * Reads `parameters` in place: later changes to them are seen.
   * @param seqLen S; by default the configuration's.
   * @throws InputError
   */
  constructor(parameters: Parameters, seqLen: number = parameters.config.seqLen) {
    if (!Number.isInteger(seqLen) || seqLen < 1) {
      throw new InputError(
        `WindowForward: seqLen must be a positive integer, got ${seqLen}. Leave it out for the model's.`,
      );
    }
    this.seqLen = seqLen;
    this.#vocabSize = parameters.config.vocabSize;
    this.#softcap = parameters.config.logitSoftcap;
    this.#stack = new LayerStack(parameters, seqLen);
    this.#stack.positions.forEach((_, row, positions) => {
      positions[row] = row;
    });
    this.#attend = causalAttention(parameters.config, this.#stack, seqLen);
  }

  /**
   * @param tokens [S] ids, positions 0 … S − 1.
   * @returns Logits [S, V], overwritten by the next call.
   * @throws InputError
   */
  forward(tokens: ArrayLike<number>): Float32Array {
    this.#expectTokens("forward", tokens, this.seqLen);
    const logits = this.#run(tokens);
    capLogits(logits, this.#softcap);
    return logits;
  }

  /**
   * @param tokens [S + 1] ids: each of the first S predicts the one after it.
   * @returns Mean negative log-likelihood, nats per token.
   * @throws InputError
   */
  loss(tokens: Uint16Array | Uint32Array): number {
    this.#expectTokens("loss", tokens, this.seqLen + 1);
    return crossEntropyLoss({
      logits: this.#run(tokens),
      targets: tokens.subarray(1),
      rows: this.seqLen,
      classes: this.#vocabSize,
      softcap: this.#softcap,
    });
  }

  /** Logits before any softcap. */
  #run(tokens: ArrayLike<number>): Float32Array {
    for (let row = 0; row < this.seqLen; row++) this.#stack.tokens[row] = tokens[row]!;
    return this.#stack.run(this.#attend);
  }

  #expectTokens(method: string, tokens: ArrayLike<number>, length: number): void {
    if (tokens.length !== length) {
      throw new InputError(
        `WindowForward.${method}: tokens must hold ${length} ids, got ${tokens.length}. The window's length is set at construction.`,
      );
    }
    for (let i = 0; i < length; i++) {
      const token = tokens[i]!;
      if (Number.isInteger(token) && token >= 0 && token < this.#vocabSize) continue;
      throw new InputError(
        `WindowForward.${method}: tokens[${i}] must be an integer from 0 to ${this.#vocabSize - 1}, got ${token}. Use data of the model's tokenizer.`,
      );
    }
  }
}
