// Reader of llama2.c's tokenizer.bin: int32 maxTokenLength, then per piece float32 score, int32 byte length, UTF-8 bytes,
// little-endian, until the end of the file (format: llama2.c tokenizer.py `export`, run.c `build_tokenizer`).
// Ids 0, 1, 2 are unknown, BOS, EOS; ids 3..258 are the bytes <0x00>..<0xFF>; the rest are text, space written as " ".

import { FormatError } from "./errors.js";

export const UNKNOWN_ID = 0;
export const BOS_ID = 1;
export const EOS_ID = 2;
/** Id of the piece that stands for byte 0; byte b is `FIRST_BYTE_ID + b`. */
export const FIRST_BYTE_ID = 3;
/** First id that is a piece of text. */
export const FIRST_TEXT_ID = FIRST_BYTE_ID + 256;

/** Pieces of a SentencePiece BPE model; a merge is preferred by the score of its result. */
export interface Vocabulary {
  /** Text of each id, `[vocabSize]`. */
  readonly pieces: readonly string[];
  /** Score of each id, `[vocabSize]`. */
  readonly scores: Float32Array;
  /** Bytes of the longest piece, as the file states it. */
  readonly maxTokenLength: number;
  /** Of several spaces one is encoded, of those at the ends none. Files of llama2.c do not say; their programs keep all. */
  readonly removesExtraSpaces?: boolean;
}

/** The name SentencePiece gives to the piece of one byte, e.g. `<0x0A>`. */
export function bytePieceName(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
}

/**
 * Parses the bytes of a tokenizer.bin file; `path` appears in error messages.
 * @throws FormatError for a truncated record, a length outside 1..maxTokenLength, a score that is not finite, text that is
 * not UTF-8, a missing or displaced byte piece, a duplicate piece.
 */
export function parseVocabulary(bytes: Uint8Array, path: string): Vocabulary {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  if (bytes.length < 4) {
    throw new FormatError(
      path,
      0,
      `a tokenizer file starts with an int32 token length, got ${bytes.length} bytes. Pass llama2.c's tokenizer.bin.`,
    );
  }
  const maxTokenLength = view.getInt32(0, true);
  if (maxTokenLength < 1 || maxTokenLength > bytes.length) {
    throw new FormatError(
      path,
      0,
      `the longest token must have 1..${bytes.length} bytes, got ${maxTokenLength}. ${hint(bytes)}`,
    );
  }

  const pieces: string[] = [];
  const scores: number[] = [];
  const idOf = new Map<string, number>();
  for (let offset = 4; offset < bytes.length; ) {
    const id = pieces.length;
    const fail = (at: number, rule: string): never => {
      throw new FormatError(path, at, `token ${id}: ${rule}`);
    };
    if (bytes.length - offset < 8) {
      fail(
        offset,
        `a score and a length need 8 bytes, got ${bytes.length - offset}. The file is cut short.`,
      );
    }
    const score = view.getFloat32(offset, true);
    const length = view.getInt32(offset + 4, true);
    if (!Number.isFinite(score)) {
      fail(offset, `the score must be finite, got ${score}. Is this a tokenizer.bin file?`);
    }
    if (length < 1 || length > maxTokenLength) {
      fail(
        offset + 4,
        `the length must be 1..${maxTokenLength}, got ${length}. Is this a tokenizer.bin file?`,
      );
    }
    const start = offset + 8;
    if (length > bytes.length - start) {
      fail(start, `needs ${length} bytes, got ${bytes.length - start}. The file is cut short.`);
    }
    let piece = "";
    try {
      piece = utf8.decode(bytes.subarray(start, start + length));
    } catch {
      fail(start, `the text must be UTF-8, got ${hex(bytes.subarray(start, start + length))}.`);
    }
    if (id >= FIRST_BYTE_ID && id < FIRST_TEXT_ID) {
      const expected = bytePieceName(id - FIRST_BYTE_ID);
      if (piece !== expected) {
        fail(start, `must be the byte piece ${expected}, got ${JSON.stringify(piece)}.`);
      }
    }
    const earlier = idOf.get(piece);
    if (earlier !== undefined) {
      fail(start, `every piece occurs once, got ${JSON.stringify(piece)} of token ${earlier}.`);
    }
    idOf.set(piece, id);
    pieces.push(piece);
    scores.push(score);
    offset = start + length;
  }
  if (pieces.length < FIRST_TEXT_ID) {
    throw new FormatError(
      path,
      bytes.length,
      `a vocabulary has 3 control and 256 byte pieces at least, got ${pieces.length}. The file is cut short.`,
    );
  }
  return { pieces, scores: Float32Array.from(scores), maxTokenLength };
}

// What is met in place of a tokenizer.bin. Copies of llama2.c made without git-lfs hold a pointer instead of the vocabulary.
function hint(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, 22)).toString("latin1");
  if (start === "version https://git-lf") {
    return "This is a Git LFS pointer: fetch the real file with `git lfs pull`.";
  }
  if (/^\s*\{/.test(start)) {
    return "This is JSON, such as tokenizer.json of Hugging Face: pass the tokenizer.model beside it.";
  }
  if (/^[A-Za-z0-9+/]+=* \d+\n/.test(start)) {
    return "This is tiktoken's format, as of Llama 3: encode the text with tiktoken, and write the ids as a token file.";
  }
  if (/^[\t\n\r -~]{8}/.test(start)) {
    return "This is text: pass a tokenizer.bin of llama2.c or a SentencePiece .model.";
  }
  return "Is this a tokenizer.bin file?";
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
