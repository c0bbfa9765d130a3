// Token ids into a token file (see token-file.ts for the format).

import { writeSync } from "node:fs";
import { ArgumentError } from "./errors.js";
import { replaceFile } from "./replace-file.js";
import type { TokenDtype } from "./token-file.js";

/**
 * Writes `tokens` to `path` in one step: a reader sees the old file or the new one, also after a crash.
 * @throws ArgumentError when an id does not fit `dtype`.
 */
export function writeTokenFile(
  path: string,
  tokens: ArrayLike<number>,
  dtype: TokenDtype = "uint16",
): void {
  const elements = packTokens(tokens, dtype);
  replaceFile(path, (file) => writeAll(file, elements));
}

/**
 * `tokens` as an array of `dtype`.
 * @throws ArgumentError when an id does not fit.
 */
export function packTokens(
  tokens: ArrayLike<number>,
  dtype: TokenDtype,
): Uint16Array | Uint32Array {
  const packed = dtype === "uint32" ? Uint32Array.from(tokens) : Uint16Array.from(tokens);
  for (let i = 0; i < packed.length; i++) {
    if (packed[i] !== tokens[i]) {
      throw new ArgumentError(
        `token file: ids must be integers that fit ${dtype}, got ${tokens[i]} at index ${i}. Pass dtype "uint32" for large vocabularies.`,
      );
    }
  }
  return packed;
}

/** Appends all bytes of `elements` to an open file. */
export function writeAll(file: number, elements: Uint16Array | Uint32Array): void {
  const bytes = new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at);
}
