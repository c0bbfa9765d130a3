// Llama tokenizer, token files, samplers of windows and a small embedded data set.

export { describeTokens, type TokenStatistics } from "./describe-tokens.js";
export { type EmbeddedDataset, embeddedDataset } from "./embedded-dataset.js";
export { ArgumentError, FormatError, MissingFileError } from "./errors.js";
export { loadTokenizer } from "./load-tokenizer.js";
export { philox4x32 } from "./philox.js";
export {
  isSentencePieceModel,
  parseSentencePieceModel,
  type SentencePiece,
  type SentencePieceModel,
} from "./sentencepiece-model.js";
export type { StreamDecoder } from "./stream-decoder.js";
export {
  openTokenFile,
  type TokenDtype,
  type TokenFile,
  type TokenFileOptions,
} from "./token-file.js";
export { type TokenizeFileOptions, type TokenizeProgress, tokenizeFile } from "./tokenize-file.js";
export type { EncodeOptions, Tokenizer } from "./tokenizer.js";
export { randomWindow, windowStarts } from "./windows.js";
export { writeTokenFile } from "./write-token-file.js";
