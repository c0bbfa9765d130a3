/**
 * Forward of a whole window of S tokens at once, without a cache: for losses, and as the check of the decoder.
 * V = vocabSize.
 */
import { crossEntropyLoss } from "@ane/accel-ops";
import { causalAttention } from "./causal-attention.js";
import { InputError } from "./errors.js";
import { LayerStack } from "./layer-stack.js";
import type { Parameters } from "./parameters.js";

/** Runs all positions of one window forward at once. */
export class WindowForward {
  /** S */
  readonly seqLen: number;
  readonly #vocabSize: number;
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
    for (let row = 0; row < this.seqLen; row++) this.#stack.tokens[row] = tokens[row]!;
    return this.#stack.run(this.#attend);
  }

  /**
   * @param tokens [S + 1] ids: each of the first S predicts the one after it.
   * @param softcap Of the logits, for a model that was trained with one; 0 = none.
   * @returns Mean negative log-likelihood, nats per token.
   * @throws InputError
   */
  loss(tokens: Uint16Array | Uint32Array, softcap = 0): number {
    this.#expectTokens("loss", tokens, this.seqLen + 1);
    const logits = this.forward(tokens.subarray(0, this.seqLen));
    return crossEntropyLoss({
      logits,
      targets: tokens.subarray(1),
      rows: this.seqLen,
      classes: this.#vocabSize,
      softcap,
    });
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
