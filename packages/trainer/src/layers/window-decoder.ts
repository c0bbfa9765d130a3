/**
 * A causal model of text, token by token, through the forward pass of its whole window: what stands behind a position does not reach
 * it. S = the window's length, V = vocabulary.
 */
import type { TokenDecoder } from "@ane/llama-model";
import type { TokenClassifier } from "../token-classifier.js";
import type { DefinedForward } from "./defined-forward.js";

/** Stands behind the tokens that are known: any id will do. */
const PADDING = 0;

const NOT_WANTED = new Float32Array();

export class WindowDecoder implements TokenDecoder {
  readonly batch = 1;
  readonly maxSeqLen: number;
  readonly #forward: DefinedForward;
  readonly #head: TokenClassifier;
  /** [S] */
  readonly #window: Uint32Array;

  /** @param forward Of a model of text; stays the caller's to dispose. @param S Tokens of its window. */
  constructor(forward: DefinedForward, S: number) {
    this.maxSeqLen = S;
    this.#forward = forward;
    this.#head = forward.head as TokenClassifier;
    this.#window = new Uint32Array(S).fill(PADDING);
  }

  /** See `TokenDecoder`; an earlier position goes back to it. */
  forward(tokens: ArrayLike<number>, position: number, isWanted = true): Float32Array {
    this.#window[position] = tokens[0]!;
    if (!isWanted) return NOT_WANTED;
    this.#window.fill(PADDING, position + 1);
    return this.#head.logits(this.#forward.run(this.#window), position);
  }
}
