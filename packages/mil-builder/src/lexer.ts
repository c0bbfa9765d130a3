/** Program text to tokens, one at a time and in time linear in the text. */
import { FormatError, type FormatErrorCode } from "./errors.js";

export interface Token {
  readonly kind: "identifier" | "number" | "string" | "punctuation" | "end";
  /** As written; for a string without its quotes. */
  readonly text: string;
  /** Index of the first character. */
  readonly start: number;
}

const SPACE = /[ \t\r\n]*/y;
const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_@]*/y;
const NUMBER =
  /[-+]?(?:0[xX][0-9a-fA-F]*\.?[0-9a-fA-F]*(?:[pP][-+]?\d+)?|\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|inf\b)/y;
const STRING = /"[^"\\\n\r]*"/y;
const PUNCTUATION = /->|[()[\]{}<>,;=?]/y;

export class Lexer {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  next(): Token {
    this.#match(SPACE);
    const start = this.#position;
    if (start === this.#text.length) return { kind: "end", text: "end of text", start };
    const identifier = this.#match(IDENTIFIER);
    if (identifier !== undefined) return { kind: "identifier", text: identifier, start };
    const punctuation = this.#match(PUNCTUATION);
    if (punctuation !== undefined) return { kind: "punctuation", text: punctuation, start };
    const number = this.#match(NUMBER);
    if (number !== undefined) return { kind: "number", text: number, start };
    const string = this.#match(STRING);
    if (string !== undefined) return { kind: "string", text: string.slice(1, -1), start };
    if (this.#text[start] === '"') {
      throw this.error("ERR_MIL_SYNTAX", start, "a string ends on its line and has no escapes");
    }
    const found = String.fromCodePoint(this.#text.codePointAt(start)!);
    throw this.error(
      "ERR_MIL_SYNTAX",
      start,
      "a token begins with a letter, digit or bracket",
      found,
    );
  }

  /** An error at a character of the text. */
  error(
    code: FormatErrorCode,
    start: number,
    rule: string,
    actual = this.#excerpt(start),
    details: { readonly expected?: string; readonly cause?: unknown } = {},
  ): FormatError {
    const before = this.#text.slice(0, start);
    const line = before.split("\n").length;
    const column = start - before.lastIndexOf("\n");
    const message = `program text ${line}:${column}: ${rule}, got ${actual}.`;
    return new FormatError(code, message, { line, column, ...details });
  }

  #excerpt(start: number): string {
    return JSON.stringify(this.#text.slice(start, start + 20));
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#position += found.length;
    return found;
  }
}
