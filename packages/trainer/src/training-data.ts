/** The sequences of a run: micro-step i reads one window at a random place, a function of (seed, i) alone. */
import { randomWindow, type TokenFile } from "@ane/tokenizer-data";
import { openTokens } from "./input-files.js";
import type { RunConfig } from "./run-config.js";

export interface Sequence {
  /** Index of the first token in the text. */
  readonly start: number;
  /** [S] */
  readonly tokens: Uint16Array | Uint32Array;
  /** [S]: the tokens one further. */
  readonly targets: Uint16Array | Uint32Array;
}

export class TrainingData implements Disposable {
  readonly #file: TokenFile;
  readonly #seed: number;
  readonly #S: number;

  /** @throws OptionError */
  constructor({ recipe, execution }: RunConfig) {
    this.#file = openTokens("data", execution.dataPath, recipe.model, recipe.seq);
    this.#seed = recipe.seed;
    this.#S = recipe.seq;
  }

  /** All of the text. */
  get tokens(): Uint16Array | Uint32Array {
    return this.#file.tokens;
  }

  /** @param index Micro-steps done before this one. */
  sequence(index: number): Sequence {
    const { tokens, length } = this.#file;
    const start = randomWindow(this.#seed, index, length, this.#S);
    return {
      start,
      tokens: tokens.subarray(start, start + this.#S),
      targets: tokens.subarray(start + 1, start + 1 + this.#S),
    };
  }

  [Symbol.dispose](): void {
    this.#file.dispose();
  }
}
