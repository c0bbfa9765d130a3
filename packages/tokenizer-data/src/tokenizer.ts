// Llama's SentencePiece BPE, exactly: a space before the text, U+2581 read as a space, merges by score, ties leftmost,
// characters outside the vocabulary as UTF-8 bytes, no normalisation but that of spaces, where the vocabulary asks for it.
//
// Speed comes from cutting the text where no piece can reach across (before a space that follows something else, and around
// "\n"), so that words are merged alone and remembered. The constructor checks that the vocabulary allows those cuts.

import { mergeSymbols } from "./merge-symbols.js";
import { MergeTable } from "./merge-table.js";
import { StreamDecoder } from "./stream-decoder.js";
import { BOS_ID, EOS_ID, FIRST_BYTE_ID, FIRST_TEXT_ID, type Vocabulary } from "./vocabulary.js";

const SPACE = 0x20;
const NEWLINE = 0x0a;
const REPLACEMENT = 0xfffd;

// Longer chunks are rarely words, and rarely seen again.
const MAX_CACHED_LENGTH = 40;
// About 10 MB when full; the cache then starts again.
const MAX_CACHED_CHUNKS = 1 << 16;

/** Options of `Tokenizer.encode`. */
export interface EncodeOptions {
  /** Put BOS (1) first. Default true. */
  readonly bos?: boolean;
  /** Put EOS (2) last. Default false. */
  readonly eos?: boolean;
}

/** Text to token ids and back. Made by `loadTokenizer`. */
export class Tokenizer {
  readonly vocabSize: number;
  /** Bytes of the longest piece. */
  readonly maxTokenLength: number;
  readonly bosId = BOS_ID;
  readonly eosId = EOS_ID;
  readonly #vocabulary: Vocabulary;
  readonly #table: MergeTable;
  readonly #characterIds = new Map<number, number>();
  readonly #cuttable: boolean;
  readonly #cache = new Map<string, readonly number[]>();
  #symbols = new Int32Array(256);

  constructor(vocabulary: Vocabulary) {
    this.vocabSize = vocabulary.pieces.length;
    this.maxTokenLength = vocabulary.maxTokenLength;
    this.#vocabulary = vocabulary;
    this.#table = new MergeTable(vocabulary);
    let cuttable = true;
    for (let id = FIRST_TEXT_ID; id < vocabulary.pieces.length; id++) {
      const piece = vocabulary.pieces[id]!;
      const codePoint = piece.codePointAt(0)!;
      if (String.fromCodePoint(codePoint) === piece) this.#characterIds.set(codePoint, id);
      else if (/[^ ] |\n/.test(piece)) cuttable = false;
    }
    this.#cuttable = cuttable;
  }

  /** Ids of `text`; no ids but the control ids asked for when `text` is empty. Lone surrogates count as U+FFFD. */
  encode(text: string, { bos = true, eos = false }: EncodeOptions = {}): Uint32Array {
    const ids: number[] = bos ? [BOS_ID] : [];
    const given = this.#vocabulary.removesExtraSpaces ? withoutExtraSpaces(text) : text;
    if (given.length > 0) this.#encodeText(` ${given.replaceAll("\u2581", " ")}`, ids);
    if (eos) ids.push(EOS_ID);
    return Uint32Array.from(ids);
  }

  /**
   * Text of `tokens`; the inverse of `encode` when they start with BOS. Without BOS the leading space is kept, so that the
   * middle of a text decodes to the middle of a text. Control ids give nothing.
   * @throws ArgumentError when a token is not an id of the vocabulary.
   */
  decode(tokens: ArrayLike<number>): string {
    const decoder = this.decoder();
    let text = "";
    for (let i = 0; i < tokens.length; i++) text += decoder.push(tokens[i]!);
    return text + decoder.end();
  }

  /** A decoder for ids that arrive one by one. */
  decoder(): StreamDecoder {
    return new StreamDecoder(this.#vocabulary);
  }

  #encodeText(text: string, ids: number[]): void {
    let start = 0;
    if (this.#cuttable) {
      let before = text.charCodeAt(0);
      for (let i = 1; i < text.length; i++) {
        const code = text.charCodeAt(i);
        if (code === NEWLINE || before === NEWLINE || (code === SPACE && before !== SPACE)) {
          this.#encodeChunk(text.slice(start, i), ids);
          start = i;
        }
        before = code;
      }
    }
    this.#encodeChunk(text.slice(start), ids);
  }

  #encodeChunk(chunk: string, ids: number[]): void {
    const cached = this.#cache.get(chunk);
    if (cached !== undefined) {
      for (let i = 0; i < cached.length; i++) ids.push(cached[i]!);
      return;
    }
    const from = ids.length;
    const characters = this.#splitCharacters(chunk);
    const symbols = this.#symbols;
    const count = mergeSymbols(symbols, characters, this.#table);
    for (let i = 0; i < count; i++) ids.push(symbols[i]!);
    if (chunk.length > MAX_CACHED_LENGTH) return;
    if (this.#cache.size >= MAX_CACHED_CHUNKS) this.#cache.clear();
    this.#cache.set(detached(chunk), ids.slice(from));
  }

  // Fills #symbols with one id per character, or one per UTF-8 byte of a character without an id; returns how many.
  #splitCharacters(chunk: string): number {
    if (this.#symbols.length < chunk.length * 3) this.#symbols = new Int32Array(chunk.length * 3);
    const symbols = this.#symbols;
    let count = 0;
    for (let i = 0; i < chunk.length; i++) {
      let codePoint = chunk.codePointAt(i)!;
      if (codePoint > 0xffff) i++;
      else if (codePoint >= 0xd800 && codePoint < 0xe000) codePoint = REPLACEMENT;
      const id = this.#characterIds.get(codePoint);
      if (id !== undefined) symbols[count++] = id;
      else count = pushBytes(symbols, count, codePoint);
    }
    return count;
  }
}

// U+2581 counts as a space at the end alone (google/sentencepiece, normalizer.cc).
function withoutExtraSpaces(text: string): string {
  return text
    .replaceAll(/ +/g, " ")
    .replace(/^ /, "")
    .replace(/[ \u2581]+$/, "");
}

function pushBytes(symbols: Int32Array, count: number, codePoint: number): number {
  let at = count;
  const push = (byte: number): void => {
    symbols[at++] = FIRST_BYTE_ID + byte;
  };
  const tail = (shift: number): void => push(0x80 | ((codePoint >> shift) & 0x3f));
  if (codePoint < 0x80) push(codePoint);
  else if (codePoint < 0x800) {
    push(0xc0 | (codePoint >> 6));
    tail(0);
  } else if (codePoint < 0x10000) {
    push(0xe0 | (codePoint >> 12));
    tail(6);
    tail(0);
  } else {
    push(0xf0 | (codePoint >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
  return at;
}

// V8 represents a slice of 13 characters or more as a view that keeps its whole source text alive; a cache must not.
function detached(slice: string): string {
  return slice.length < 13 ? slice : Buffer.from(slice, "utf16le").toString("utf16le");
}
