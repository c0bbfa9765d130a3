/**
 * Program text to tokens, one at a time and in time linear in the text. No token is allocated: the current one is described
 * by fields, and its text is cut out only on demand.
 */
import { FormatError, type FormatErrorCode, type FormatErrorLocation } from "../errors.js";

export const END = 0;
export const IDENTIFIER = 1;
export const NUMBER = 2;
export const STRING = 3;
export const PUNCTUATION = 4;
export type TokenKind =
  | typeof END
  | typeof IDENTIFIER
  | typeof NUMBER
  | typeof STRING
  | typeof PUNCTUATION;

/** Bits of the table that says what a character may be part of. */
const SPACE = 1;
const LETTER = 2;
const DIGIT = 4;
const SYMBOL = 8;
/** Inside an identifier, besides letters and digits. */
const INNER = 16;

const CLASSES = new Uint8Array(128);
const CLASS_MEMBERS: readonly (readonly [number, string])[] = [
  [SPACE, " \t\r\n"],
  [LETTER, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"],
  [DIGIT, "0123456789"],
  [SYMBOL, "()[]{}<>,;=?"],
  [INNER, "@"],
];
for (const [bit, members] of CLASS_MEMBERS) {
  for (const member of members) CLASSES[member.charCodeAt(0)]! |= bit;
}

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const QUOTE = 34;
const PLUS = 43;
const MINUS = 45;
const DOT = 46;
const SLASH = 47;
const GREATER = 62;
const BACKSLASH = 92;
/** e, x, p in either case: `code | 32`. */
const LOWER_E = 101;
const LOWER_P = 112;
const LOWER_X = 120;

/** Messages do not repeat more than this of a rule, a name or a type. */
const LONGEST_QUOTE = 200;

export class Lexer {
  readonly text: string;
  kind: TokenKind = END;
  /** Index of the token's first character. */
  start = 0;
  /** Index after its last character. */
  end = 0;
  /** Code of the first character of punctuation ("-" of an arrow); 0 for other tokens. */
  symbol = 0;

  constructor(text: string) {
    this.text = text;
    this.next();
  }

  /** Moves on to the next token. */
  next(): void {
    const { text } = this;
    const start = this.#skipSpace(this.end);
    this.start = start;
    this.symbol = 0;
    if (start >= text.length) {
      this.kind = END;
      this.end = start;
      return;
    }
    const code = text.charCodeAt(start);
    const bits = code < 128 ? CLASSES[code]! : 0;
    if (bits === LETTER) {
      this.kind = IDENTIFIER;
      this.end = identifierEnd(text, start + 1);
    } else if (bits === SYMBOL) {
      this.#punctuation(code, start + 1);
    } else if (bits === DIGIT) {
      this.#number(start);
    } else if (code === QUOTE) {
      this.#string(start);
    } else if (code === MINUS && text.charCodeAt(start + 1) === GREATER) {
      this.#punctuation(code, start + 2);
    } else if (code === MINUS || code === PLUS || code === DOT) {
      this.#number(start);
    } else {
      const found = String.fromCodePoint(text.codePointAt(start)!);
      const rule = "a token begins with a letter, digit, quote or bracket";
      throw this.error("ERR_MIL_SYNTAX", start, rule, found);
    }
  }

  /** The current token as written; a string without its quotes. */
  value(): string {
    return this.kind === STRING
      ? this.text.slice(this.start + 1, this.end - 1)
      : this.text.slice(this.start, this.end);
  }

  /** Code of the first character of the token after the current one; NaN at the end. */
  following(): number {
    return this.text.charCodeAt(this.#skipSpace(this.end));
  }

  /** The current token for a message, cut if it is long. */
  shown(): string {
    return cut(this.text.slice(this.start, Math.min(this.end, this.start + LONGEST_QUOTE + 1)));
  }

  /** An error at a character of the text. */
  error(
    code: FormatErrorCode,
    start: number,
    rule: string,
    actual: string,
    details: Pick<FormatErrorLocation, "expected" | "cause"> = {},
  ): FormatError {
    const { line, column } = this.#place(start);
    const message = `program text ${line}:${column}: ${cut(rule)}, got ${cut(actual)}.`;
    return new FormatError(code, message, { line, column, ...details });
  }

  #place(start: number): { readonly line: number; readonly column: number } {
    let line = 1;
    let lineStart = 0;
    for (let position = 0; position < start; position++) {
      if (this.text.charCodeAt(position) !== NEWLINE) continue;
      line++;
      lineStart = position + 1;
    }
    return { line, column: start - lineStart + 1 };
  }

  /** White space and comments, `//` to the end of the line. */
  #skipSpace(from: number): number {
    const { text } = this;
    let position = from;
    for (;;) {
      const code = text.charCodeAt(position);
      if (isSpace(code)) {
        position++;
      } else if (code === SLASH && text.charCodeAt(position + 1) === SLASH) {
        const newline = text.indexOf("\n", position);
        position = newline < 0 ? text.length : newline;
      } else {
        return position;
      }
    }
  }

  #punctuation(code: number, end: number): void {
    this.kind = PUNCTUATION;
    this.symbol = code;
    this.end = end;
  }

  /** Everything that looks like a number, `0x1.8p-3`, `1e+5`, `-inf`; whether it is one is seen when its value is needed. */
  #number(start: number): void {
    const { text } = this;
    let position = start;
    let code = text.charCodeAt(position);
    let isHex = false;
    let mayBeSigned = true;
    for (;;) {
      const isSign = code === PLUS || code === MINUS;
      const isPart = code < 128 && (CLASSES[code]! & (LETTER | DIGIT)) !== 0;
      if (!(isPart || code === DOT || (isSign && mayBeSigned))) break;
      const lower = code | 32;
      isHex ||= lower === LOWER_X;
      mayBeSigned = lower === LOWER_P || (lower === LOWER_E && !isHex);
      position++;
      code = text.charCodeAt(position);
    }
    this.kind = NUMBER;
    this.end = position;
  }

  #string(start: number): void {
    const { text } = this;
    let position = start + 1;
    for (;;) {
      const code = text.charCodeAt(position);
      if (code === QUOTE) break;
      const isBroken = code === NEWLINE || code === CARRIAGE_RETURN || code === BACKSLASH;
      if (isBroken || position >= text.length) {
        const rule = "a string ends on its line and has no escapes";
        const found = cut(text.slice(start, position + 2));
        throw this.error("ERR_MIL_SYNTAX", start, rule, JSON.stringify(found));
      }
      position++;
    }
    this.kind = STRING;
    this.end = position + 1;
  }
}

function cut(text: string): string {
  return text.length <= LONGEST_QUOTE ? text : `${text.slice(0, LONGEST_QUOTE)}…`;
}

function isSpace(code: number): boolean {
  return code < 128 && CLASSES[code] === SPACE;
}

/** True for the first character of an identifier. */
export function isLetter(code: number): boolean {
  return code < 128 && CLASSES[code] === LETTER;
}

function identifierEnd(text: string, from: number): number {
  let position = from;
  for (;;) {
    const code = text.charCodeAt(position);
    if (!(code < 128 && (CLASSES[code]! & (LETTER | DIGIT | INNER)) !== 0)) return position;
    position++;
  }
}
