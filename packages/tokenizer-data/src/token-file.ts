// Tokenized data sets: flat little-endian uint16 ids (uint32 when the vocabulary has more than 65536), nothing else in the
// file, as llama2.c's pretokenized .bin. Typed arrays view the bytes directly, so hosts are little-endian (all of Node's are,
// but for s390x).

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { FormatError, isNotFound, MissingFileError } from "./errors.js";
import { expectNoText, START_BYTES } from "./expect-no-text.js";

/** Element type of a token file. */
export type TokenDtype = "uint16" | "uint32";

/** Bytes of a file and how to let go of them; `dispose` may detach `buffer`. */
export interface FileBytes {
  readonly buffer: ArrayBuffer;
  dispose(): void;
}

/** Options of `openTokenFile`. */
export interface TokenFileOptions {
  /** Every id must be smaller; checking reads the whole file. Default: no check, ids of 16 bits. */
  readonly vocabSize?: number;
  /** Element type. Default: uint32 when `vocabSize` is above 65536, else uint16. */
  readonly dtype?: TokenDtype;
  /** Tokens the caller needs at least, e.g. seqLen + 1. Default 1. */
  readonly minLength?: number;
  /** How to get at the bytes, e.g. by a memory map. Default: read the file. */
  readonly map?: (path: string) => FileBytes;
}

/** An open token file; `tokens` must not be used after `dispose`. */
export interface TokenFile extends Disposable {
  readonly path: string;
  readonly dtype: TokenDtype;
  readonly tokens: Uint16Array | Uint32Array;
  /** Number of tokens. */
  readonly length: number;
  dispose(): void;
}

/** Element type that holds every id of a vocabulary of `vocabSize`. */
export function tokenDtype(vocabSize: number): TokenDtype {
  return vocabSize > 65536 ? "uint32" : "uint16";
}

/**
 * Opens a token file and checks it.
 * @throws MissingFileError when there is no such file; FormatError (with byte offset) when it is empty or a text, ends inside a token,
 * has fewer than `minLength` tokens, holds an id outside the vocabulary, or, with `dtype` left out, is one of 32-bit ids.
 */
export function openTokenFile(path: string, options: TokenFileOptions = {}): TokenFile {
  const { vocabSize, minLength = 1, map = readBytes } = options;
  const dtype = options.dtype ?? tokenDtype(vocabSize ?? 0);
  const width = dtype === "uint32" ? 4 : 2;
  checkSize(path, width, dtype, Math.max(1, minLength)); // before mapping: an empty file cannot be mapped
  const bytes = map(path);
  try {
    const { buffer } = bytes;
    const tokens = dtype === "uint32" ? new Uint32Array(buffer) : new Uint16Array(buffer);
    if (vocabSize !== undefined) checkIds(path, tokens, vocabSize);
    if (options.dtype === undefined && dtype === "uint16") expectHalves(path, tokens);
    const dispose = (): void => bytes.dispose();
    return { path, dtype, tokens, length: tokens.length, dispose, [Symbol.dispose]: dispose };
  } catch (error) {
    bytes.dispose();
    throw error;
  }
}

function checkSize(path: string, width: number, dtype: TokenDtype, minLength: number): void {
  const start = new Uint8Array(START_BYTES);
  const size = withFile(path, (file) => {
    const count = readSync(file, start, 0, START_BYTES, 0);
    const { size } = fstatSync(file);
    expectNoText(path, start.subarray(0, count), count === size);
    return size;
  });
  if (size === 0) {
    throw new FormatError(
      path,
      0,
      "a token file must hold tokens, got an empty file. Tokenize the text again.",
    );
  }
  if (size % width !== 0) {
    throw new FormatError(
      path,
      size - (size % width),
      `the size must be a multiple of ${width} bytes (${dtype}), got ${size}. The file is cut short or is not a token file.`,
    );
  }
  if (size / width < minLength) {
    throw new FormatError(
      path,
      size,
      `at least ${minLength} tokens are needed, got ${size / width}. Use more text or a shorter sequence.`,
    );
  }
}

function checkIds(path: string, tokens: Uint16Array | Uint32Array, vocabSize: number): void {
  for (let i = 0; i < tokens.length; i++) {
    const id = tokens[i]!;
    if (id < vocabSize) continue;
    throw new FormatError(
      path,
      i * tokens.BYTES_PER_ELEMENT,
      `ids must be below the vocabulary size ${vocabSize}, got ${id}. Was the file made with another tokenizer or element type?`,
    );
  }
}

/** Shorter files may have zeros there by chance. */
const SHORTEST_TELLING = 32;

/** Small ids of 32 bits, read as ids of 16 bits, are each followed by a 0: a run would learn to predict those. */
function expectHalves(path: string, tokens: Uint16Array | Uint32Array): void {
  if (tokens.length < SHORTEST_TELLING || tokens.every((id) => id === 0)) return;
  for (let i = 1; i < tokens.length; i += 2) if (tokens[i] !== 0) return;
  throw new FormatError(
    path,
    2,
    "a vocabulary of this size has ids of 16 bits (uint16), got a file whose every second one is 0, as ids of 32 bits are. Write it as uint16.",
  );
}

function readBytes(path: string): FileBytes {
  const buffer = withFile(path, (file) => {
    const bytes = new Uint8Array(fstatSync(file).size);
    for (let at = 0; at < bytes.length; ) {
      const count = readSync(file, bytes, at, bytes.length - at, at);
      if (count === 0) {
        throw new FormatError(
          path,
          at,
          `the file must keep its ${bytes.length} bytes while it is read, got its end. Is it being written?`,
        );
      }
      at += count;
    }
    return bytes.buffer;
  });
  return { buffer, dispose: () => {} };
}

function withFile<T>(path: string, use: (file: number) => T): T {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new MissingFileError(
      path,
      "a token file must exist, got nothing there. Tokenize a text first, or use the embedded data set.",
      { cause: error },
    );
  }
  try {
    return use(file);
  } finally {
    closeSync(file);
  }
}
