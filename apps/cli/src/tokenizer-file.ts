/** The tokenizer that a command is to use, checked against the model where there is one. */
import type { LlamaConfig } from "@ane/llama-model";
import { loadTokenizer, type Tokenizer } from "@ane/tokenizer-data";
import { type Context, userPath } from "./context.js";
import { UsageError } from "./errors.js";
import { namingFile } from "./naming.js";

/** @param path As given by the user; undefined for the Llama-2 vocabulary. */
export function openTokenizer(context: Context, path: string | undefined): Tokenizer {
  if (path === undefined) return loadTokenizer();
  return namingFile("--tokenizer", userPath(context, path), loadTokenizer);
}

/** @throws UsageError where the tokenizer's vocabulary is not the model's. */
export function openMatchingTokenizer(
  context: Context,
  path: string | undefined,
  config: LlamaConfig,
): Tokenizer {
  const tokenizer = openTokenizer(context, path);
  if (tokenizer.vocabSize !== config.vocabSize) {
    throw new UsageError(
      `--tokenizer: the vocabulary must have the model's ${config.vocabSize} ids, got ${tokenizer.vocabSize} ` +
        `(${path ?? "the Llama-2 vocabulary, used by default"}). Give the tokenizer.bin that belongs to the model.`,
    );
  }
  return tokenizer;
}
