// A text file to a token file, one document at a time: BOS, the ids of the document, and EOS if asked for.

import { ArgumentError, FormatError } from "./errors.js";
import { readDocuments } from "./read-documents.js";
import { openReplacement } from "./replace-file.js";
import { type TokenDtype, tokenDtype } from "./token-file.js";
import type { EncodeOptions, Tokenizer } from "./tokenizer.js";
import { packTokens, writeAll } from "./write-token-file.js";

// One document becomes one string; V8's limit is 2^29 - 24 characters.
const MAX_DOCUMENT_BYTES = 256 * 2 ** 20;
const FLUSH_TOKENS = 1 << 18;

/** How far `tokenizeFile` is. */
export interface TokenizeProgress {
  readonly bytesRead: number;
  readonly totalBytes: number;
  readonly documents: number;
  readonly tokens: number;
}

/** Options of `tokenizeFile`; `bos` and `eos` are per document. */
export interface TokenizeFileOptions extends EncodeOptions {
  readonly tokenizer: Tokenizer;
  /** Text between documents. Default `<|endoftext|>`, as in TinyStories. */
  readonly separator?: string;
  /** Element type of the output. Default: uint32 when the vocabulary has more than 65536 ids, else uint16. */
  readonly dtype?: TokenDtype;
  /** Called about every quarter of a million tokens, and once at the end. */
  readonly onProgress?: (progress: TokenizeProgress) => void;
}

/**
 * Tokenizes the documents of `inputPath`, each trimmed of surrounding white space, into the token file `outputPath`, which is
 * replaced in one step at the end. Memory holds one document.
 * @throws MissingFileError, FormatError (not UTF-8, a document above 256 MB, no documents at all), ArgumentError.
 */
export async function tokenizeFile(
  inputPath: string,
  outputPath: string,
  options: TokenizeFileOptions,
): Promise<TokenizeProgress> {
  const { tokenizer, separator = "<|endoftext|>", bos = true, eos = false, onProgress } = options;
  const dtype = options.dtype ?? tokenDtype(tokenizer.vocabSize);
  if (separator.length === 0) {
    throw new ArgumentError('tokenizeFile: the separator must not be empty, got "".');
  }
  let progress: TokenizeProgress = { bytesRead: 0, totalBytes: 0, documents: 0, tokens: 0 };
  const output = openReplacement(outputPath);
  try {
    let pending: Uint32Array[] = [];
    let pendingTokens = 0;
    const flush = (): void => {
      for (const ids of pending) writeAll(output.file, packTokens(ids, dtype));
      pending = [];
      pendingTokens = 0;
      onProgress?.(progress);
    };
    for await (const document of readDocuments(inputPath, separator, MAX_DOCUMENT_BYTES)) {
      const ids = tokenizer.encode(document.text, { bos, eos });
      pending.push(ids);
      pendingTokens += ids.length;
      progress = {
        bytesRead: document.bytesRead,
        totalBytes: document.totalBytes,
        documents: progress.documents + 1,
        tokens: progress.tokens + ids.length,
      };
      if (pendingTokens >= FLUSH_TOKENS) flush();
    }
    if (progress.documents === 0) {
      throw new FormatError(
        inputPath,
        0,
        "a text must have a document, got nothing but white space and separators.",
      );
    }
    flush();
    output.commit();
    return progress;
  } catch (error) {
    output.abandon();
    throw error;
  }
}
