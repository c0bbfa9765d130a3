/** The tokenizer that a run's token ids belong to, for what is shown to people: samples, and losses per byte. */
import { loadTokenizer, type Tokenizer } from "@ane/tokenizer-data";
import { OptionError } from "./errors.js";
import { messageOf } from "./input-files.js";
import { isImageModel, type ModelRecord, textModel } from "./model-record.js";
import { EMBEDDED, type RunConfig } from "./run-config.js";

/** Loaded in this process, by path; "" is Llama 2's. */
const loaded = new Map<string, Tokenizer>();

/**
 * The given one, or Llama 2's for a model with as many token ids.
 * @param path Absolute; null where none was given.
 * @throws OptionError if it cannot be read or is another vocabulary's, or the model is none of text
 */
export function runTokenizer(model: ModelRecord, path: string | null): Tokenizer {
  if (isImageModel(model)) {
    throw new OptionError(
      "tokenizer",
      `must be left out but for models of text, got ${path} for ${model.name}, a model of images.`,
    );
  }
  const { vocabSize } = textModel(model);
  const tokenizer = load(path);
  if (tokenizer.vocabSize === vocabSize) return tokenizer;
  throw new OptionError(
    "tokenizer",
    `must have the ${vocabSize} token ids of ${model.name}, got ${tokenizer.vocabSize} in ${path ?? "the vocabulary of Llama 2, the default"}. Give the model's own tokenizer.`,
  );
}

/** UTF-8 bytes of held-out tokens; undefined where nothing says which tokenizer made them. */
export function textBytes(
  { recipe, execution }: Pick<RunConfig, "recipe" | "execution">,
  tokens: Uint16Array | Uint32Array,
): number | undefined {
  const path = execution.tokenizerPath ?? null;
  if (path === null && execution.validationPath !== EMBEDDED) return undefined;
  try {
    return Buffer.byteLength(runTokenizer(recipe.model, path).decode(tokens));
  } catch (error) {
    if (error instanceof OptionError) return undefined; // a number beside the loss is no reason to stop a run
    throw error;
  }
}

function load(path: string | null): Tokenizer {
  const known = loaded.get(path ?? "");
  if (known) return known;
  try {
    const tokenizer = loadTokenizer(path ?? undefined);
    loaded.set(path ?? "", tokenizer);
    return tokenizer;
  } catch (cause) {
    throw new OptionError(
      "tokenizer",
      `must be a tokenizer.bin of llama2.c or a SentencePiece model. ${messageOf(cause)}`,
      {
        cause,
      },
    );
  }
}
