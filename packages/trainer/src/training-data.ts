/** The examples of a run: micro-step i reads what lies at a random place of its data, a function of (seed, i) alone. */
import { randomWindow, type TokenFile } from "@ane/tokenizer-data";
import { type ImageFile, imageBatch, openImages } from "./image-file.js";
import { openTokens } from "./input-files.js";
import { type ImageModel, isImageModel, textModel } from "./model-record.js";
import type { Inputs, Tokens } from "./pipeline.js";
import type { RunConfig } from "./run-config.js";

export interface Example {
  /** Place of the first token, or of the first image, in the data. */
  readonly start: number;
  /** Token ids [S], or numbers in the shape of the model's input. */
  readonly inputs: Inputs;
  /** [S]: the tokens one further; or the label of each image. */
  readonly targets: Tokens;
}

export interface TrainingData extends Disposable {
  /** All of the text, if it is one. */
  readonly tokens?: Tokens;
  /** @param index Micro-steps done before this one. */
  example(index: number): Example;
}

/** @throws OptionError if the data cannot be used */
export function openTrainingData(config: RunConfig): TrainingData {
  const { recipe, execution } = config;
  const { model, seq, seed } = recipe;
  const path = execution.dataPath;
  return isImageModel(model)
    ? new ImageData(openImages("data", path, model), model, seed)
    : new TextData(openTokens("data", path, textModel(model), seq), seed, seq);
}

class TextData implements TrainingData {
  readonly #file: TokenFile;
  readonly #seed: number;
  readonly #S: number;

  constructor(file: TokenFile, seed: number, S: number) {
    this.#file = file;
    this.#seed = seed;
    this.#S = S;
  }

  get tokens(): Tokens {
    return this.#file.tokens;
  }

  example(index: number): Example {
    const { tokens, length } = this.#file;
    const start = randomWindow(this.#seed, index, length, this.#S);
    return {
      start,
      inputs: tokens.subarray(start, start + this.#S),
      targets: tokens.subarray(start + 1, start + 1 + this.#S),
    };
  }

  [Symbol.dispose](): void {
    this.#file.dispose();
  }
}

class ImageData implements TrainingData {
  readonly #file: ImageFile;
  readonly #model: ImageModel;
  readonly #seed: number;

  constructor(file: ImageFile, model: ImageModel, seed: number) {
    this.#file = file;
    this.#model = model;
    this.#seed = seed;
  }

  example(index: number): Example {
    const { batch } = this.#model.input;
    const chosen = Array.from({ length: batch }, (_, n) =>
      randomWindow(this.#seed, index * batch + n, this.#file.count + 1, 1),
    );
    return { start: chosen[0]!, ...imageBatch(this.#file, chosen, this.#model.input) };
  }

  [Symbol.dispose](): void {}
}
