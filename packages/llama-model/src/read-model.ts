/** Reads a model from what a user names: a llama2.c file or a Hugging Face folder. */
import { statSync } from "node:fs";
import type { LlamaConfig } from "./config.js";
import { readHuggingFace } from "./hugging-face/read-hugging-face.js";
import { readLlamaBin } from "./llama-bin/read-llama-bin.js";
import type { Parameters } from "./parameters.js";

/** A model with its parameters. */
export interface Model {
  readonly config: LlamaConfig;
  readonly parameters: Parameters;
}

/** Where the parameters are read to. */
export interface ReadModelOptions {
  /** Gives the arena to read into, `parameterLayout(config).total` elements; by default new memory. */
  readonly allocate?: (config: LlamaConfig) => Float32Array;
}

/**
 * A folder is read as Hugging Face's (config.json and safetensors), a file as llama2.c's (version 0, 1 or 2).
 * @throws FormatError saying what differs; the system's error if the path cannot be read.
 */
export function readModel(path: string, options: ReadModelOptions = {}): Model {
  return statSync(path).isDirectory()
    ? readHuggingFace(path, options)
    : readLlamaBin(path, options);
}
