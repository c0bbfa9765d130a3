// A tokenizer from a file of llama2.c or SentencePiece, or from the Llama-2 vocabulary that scripts/build-vocabulary.mjs put in
// generated/.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isNotFound, MissingFileError } from "./errors.js";
import { isSentencePieceModel, parseSentencePieceModel } from "./sentencepiece-model.js";
import { sentencePieceVocabulary } from "./sentencepiece-vocabulary.js";
import { Tokenizer } from "./tokenizer.js";
import { parseVocabulary } from "./vocabulary.js";

// Same place seen from src/ and from dist/.
const BUNDLED = fileURLToPath(new URL("../generated/tokenizer.bin", import.meta.url));

/**
 * The tokenizer of a llama2.c tokenizer.bin file or a SentencePiece .model file of Llama's kind (any vocabulary size; which of
 * the two is told by the content), or of Llama 2 (32000 ids) without `path`.
 * @throws MissingFileError when there is no such file, FormatError when its content is malformed.
 */
export function loadTokenizer(path?: string): Tokenizer {
  const file = path ?? BUNDLED;
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const remedy =
      path === undefined
        ? "Run the `build` script of @ane/tokenizer-data, which extracts the Llama-2 vocabulary."
        : "Omit the path for Llama 2, or give a tokenizer.bin of llama2.c or a SentencePiece .model.";
    throw new MissingFileError(file, `the tokenizer must be a file, got nothing there. ${remedy}`, {
      cause: error,
    });
  }
  const vocabulary = isSentencePieceModel(bytes)
    ? sentencePieceVocabulary(parseSentencePieceModel(bytes, file), file)
    : parseVocabulary(bytes, file);
  return new Tokenizer(vocabulary);
}
