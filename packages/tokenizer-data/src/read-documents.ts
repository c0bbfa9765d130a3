// Splits a text file at a separator without holding more than one document (and one block) in memory. Works on bytes: the
// bytes of a UTF-8 separator occur nowhere else, and offsets in error messages are exact.

import { isUtf8 } from "node:buffer";
import { type FileHandle, open } from "node:fs/promises";
import { FormatError, isNotFound, MissingFileError } from "./errors.js";

const BLOCK_BYTES = 1 << 20;
const REPLACEMENT = Buffer.from("\ufffd");

/** One document, trimmed of surrounding white space, and how far in the file its end is. */
export interface Document {
  readonly text: string;
  readonly bytesRead: number;
  readonly totalBytes: number;
}

/**
 * Yields the documents of `path` in order; those that are empty after trimming are left out.
 * @throws MissingFileError; FormatError (with byte offset) when a document is not UTF-8 or longer than `maxBytes`.
 */
export async function* readDocuments(
  path: string,
  separator: string,
  maxBytes: number,
): AsyncGenerator<Document> {
  const mark = Buffer.from(separator);
  const handle = await openText(path);
  try {
    const totalBytes = (await handle.stat()).size;
    let rest = Buffer.alloc(0);
    let offset = 0; // of rest in the file
    let searched = 0; // bytes of rest known to hold no separator
    for (;;) {
      // Reading as much as is kept makes the copying of a long document linear.
      const block = Buffer.allocUnsafe(Math.max(BLOCK_BYTES, rest.length));
      const { bytesRead } = await handle.read(block, 0, block.length, null);
      if (bytesRead > 0) rest = Buffer.concat([rest, block.subarray(0, bytesRead)]);
      let start = 0;
      for (;;) {
        const found = rest.indexOf(mark, Math.max(start, searched));
        const end = found >= 0 ? found : rest.length;
        if (end - start > maxBytes) throw tooLong(path, offset + start, maxBytes, separator);
        if (found < 0 && bytesRead > 0) break;
        const text = decodeText(rest.subarray(start, end), path, offset + start).trim();
        start = found >= 0 ? end + mark.length : end;
        if (text.length > 0) yield { text, bytesRead: offset + start, totalBytes };
        if (found < 0) return;
      }
      rest = rest.subarray(start);
      offset += start;
      searched = Math.max(0, rest.length - mark.length + 1);
    }
  } finally {
    await handle.close();
  }
}

async function openText(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new MissingFileError(path, "the text must be a file, got nothing there.", {
      cause: error,
    });
  }
}

function decodeText(bytes: Buffer, path: string, offset: number): string {
  const text = bytes.toString("utf8");
  if (isUtf8(bytes)) return text;
  // The first replacement character that the file itself does not hold marks the first bad byte.
  let at = 0;
  for (const character of text) {
    if (character === "\ufffd" && !bytes.subarray(at, at + 3).equals(REPLACEMENT)) break;
    at += Buffer.byteLength(character);
  }
  throw new FormatError(
    path,
    offset + at,
    `text must be UTF-8, got byte 0x${bytes[at]!.toString(16)}. Convert the file first.`,
  );
}

function tooLong(path: string, offset: number, maxBytes: number, separator: string): FormatError {
  return new FormatError(
    path,
    offset,
    `a document must have ${maxBytes} bytes at most, got more. Is ${JSON.stringify(separator)} the separator of this file?`,
  );
}
