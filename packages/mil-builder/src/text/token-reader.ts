/** The parser's view of the text: the current token, expectations about it, and errors with a place. */
import type { FormatError } from "../errors.js";
import { END, IDENTIFIER, Lexer, NUMBER, STRING, type TokenKind } from "./lexer.js";

/** Types, tuples and shapes are nested no deeper than this. */
export const DEEPEST_NESTING = 32;
/**
 * Ops, values, constants and the like of a program, which take up to a few hundred bytes each. Programs of compilers have some
 * ten thousand; the limit keeps a hostile text from filling the memory. Elements of tensors of numbers do not count.
 */
const MOST_PARTS = 2 ** 21;

export class TokenReader extends Lexer {
  #parts = 0;

  /** True if the current token is that bracket or separator, given by its first character. */
  at(symbol: string): boolean {
    return this.symbol === symbol.charCodeAt(0);
  }

  /** Reads that bracket or separator if it is next. */
  accept(symbol: string): boolean {
    if (this.symbol !== symbol.charCodeAt(0)) return false;
    this.next();
    return true;
  }

  /** @throws FormatError unless that bracket or separator is next */
  expect(symbol: string): void {
    if (this.symbol !== symbol.charCodeAt(0)) throw this.unexpected(`"${symbol}"`);
    this.next();
  }

  atWord(word: string): boolean {
    return (
      this.kind === IDENTIFIER &&
      this.end - this.start === word.length &&
      this.text.startsWith(word, this.start)
    );
  }

  acceptWord(word: string): boolean {
    const found = this.atWord(word);
    if (found) this.next();
    return found;
  }

  expectWord(word: string): void {
    if (!this.acceptWord(word)) throw this.unexpected(`"${word}"`);
  }

  /** The text of an identifier, which is thereby read. @throws FormatError unless one is next */
  identifier(what: string): string {
    return this.#take(IDENTIFIER, what);
  }

  /** The content of a string. */
  string(): string {
    return this.#take(STRING, "a string");
  }

  /** A number as written. */
  number(what: string): string {
    return this.#take(NUMBER, what);
  }

  expectEnd(): void {
    if (this.kind !== END) throw this.unexpected("the end of the text");
  }

  unexpected(expected: string): FormatError {
    const found = this.kind === END ? "end of text" : `"${this.shown()}"`;
    const rule = `expected ${expected}`;
    return this.error("ERR_MIL_SYNTAX", this.start, rule, found, { expected });
  }

  /** An error for a second definition of a name. */
  duplicate(start: number, what: string, name: string): FormatError {
    return this.error(
      "ERR_MIL_DUPLICATE",
      start,
      `${what} has a name of its own`,
      `"${name}" again`,
    );
  }

  /** @throws FormatError if `depth` is beyond what is read */
  checkDepth(depth: number, what: string): void {
    if (depth <= DEEPEST_NESTING) return;
    const rule = `${what} at most ${DEEPEST_NESTING} deep`;
    throw this.error("ERR_MIL_DEPTH", this.start, rule, "more");
  }

  /** Counts something that stays in memory. @throws FormatError if there is too much of it */
  countPart(): void {
    this.#parts++;
    if (this.#parts <= MOST_PARTS) return;
    const rule = `a program has at most ${MOST_PARTS} values, constants and ops`;
    throw this.error("ERR_MIL_SIZE", this.start, rule, "more");
  }

  #take(kind: TokenKind, what: string): string {
    if (this.kind !== kind) throw this.unexpected(what);
    const text = this.value();
    this.next();
    return text;
  }
}
