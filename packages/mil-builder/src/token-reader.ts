/** The parser's view of the token stream: two tokens ahead, expectations, errors with a place. */
import type { FormatError, FormatErrorCode } from "./errors.js";
import { Lexer, type Token } from "./lexer.js";

export class TokenReader {
  readonly #lexer: Lexer;
  #current: Token;
  #following: Token;

  constructor(text: string) {
    this.#lexer = new Lexer(text);
    this.#current = this.#lexer.next();
    this.#following = this.#lexer.next();
  }

  get current(): Token {
    return this.#current;
  }

  get following(): Token {
    return this.#following;
  }

  /** The current token, which is thereby read. */
  take(): Token {
    const token = this.#current;
    this.#current = this.#following;
    if (token.kind !== "end") this.#following = this.#lexer.next();
    return token;
  }

  /** True if the current token is that punctuation or word. */
  at(text: string): boolean {
    return isText(this.#current, text);
  }

  /** Reads that token if it is next. */
  accept(text: string): boolean {
    const found = this.at(text);
    if (found) this.take();
    return found;
  }

  /** @throws FormatError unless that token is next */
  expect(text: string): Token {
    if (!this.at(text)) throw this.unexpected(`"${text}"`);
    return this.take();
  }

  /** @throws FormatError unless a token of that kind is next */
  expectKind(kind: Token["kind"], what: string): Token {
    if (this.#current.kind !== kind) throw this.unexpected(what);
    return this.take();
  }

  /** One or more items, separated by commas. */
  list(item: () => void): void {
    do item();
    while (this.accept(","));
  }

  unexpected(expected: string): FormatError {
    const { kind, text, start } = this.#current;
    const found = kind === "end" ? text : `"${text}"`;
    return this.#lexer.error("ERR_MIL_SYNTAX", start, `expected ${expected}`, found, { expected });
  }

  error(
    code: FormatErrorCode,
    token: Token,
    rule: string,
    actual: string,
    details: { readonly expected?: string; readonly cause?: unknown } = {},
  ): FormatError {
    return this.#lexer.error(code, token.start, rule, actual, details);
  }
}

function isText(token: Token, text: string): boolean {
  return token.text === text && (token.kind === "punctuation" || token.kind === "identifier");
}
