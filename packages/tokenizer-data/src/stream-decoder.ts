// Token ids to text, one id at a time: byte pieces wait until their UTF-8 sequence is complete, and the space that encoding
// puts before a text is dropped again after BOS (as llama2.c's run.c `decode` does).

import { ArgumentError } from "./errors.js";
import { BOS_ID, FIRST_BYTE_ID, FIRST_TEXT_ID, UNKNOWN_ID, type Vocabulary } from "./vocabulary.js";

// What SentencePiece prints for the unknown id.
const UNKNOWN_TEXT = " \u2047 ";

/** Decodes ids as they arrive; the pieces returned by `push` and `end` concatenate to the text. */
export class StreamDecoder {
  readonly #pieces: readonly string[];
  readonly #utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #byte = new Uint8Array(1);
  /** Bytes of an incomplete sequence may be inside #utf8. */
  #pending = false;
  #afterBos = false;

  constructor(vocabulary: Vocabulary) {
    this.#pieces = vocabulary.pieces;
  }

  /**
   * Text that `token` completes; "" for BOS, EOS and unfinished bytes. Bytes that are not UTF-8 become U+FFFD.
   * @throws ArgumentError when `token` is not an id of the vocabulary.
   */
  push(token: number): string {
    const piece = this.#pieces[token];
    if (piece === undefined) {
      throw new ArgumentError(
        `decode: an id must be an integer in 0..${this.#pieces.length - 1}, got ${token}. Do the tokens belong to this vocabulary?`,
      );
    }
    const first = this.#afterBos;
    this.#afterBos = token === BOS_ID;
    if (token >= FIRST_TEXT_ID) {
      const text = first && piece.charCodeAt(0) === 0x20 ? piece.slice(1) : piece;
      return this.#pending ? this.end() + text : text;
    }
    if (token >= FIRST_BYTE_ID) return this.#pushByte(token - FIRST_BYTE_ID);
    return token === UNKNOWN_ID ? this.end() + UNKNOWN_TEXT : this.end();
  }

  /** What was held back at the end of the tokens: U+FFFD for an incomplete sequence, else "". */
  end(): string {
    if (!this.#pending) return "";
    this.#pending = false;
    return this.#utf8.decode();
  }

  #pushByte(byte: number): string {
    if (byte < 0x80 && !this.#pending) return String.fromCharCode(byte);
    this.#pending = byte >= 0x80;
    this.#byte[0] = byte;
    return this.#utf8.decode(this.#byte, { stream: true });
  }
}
