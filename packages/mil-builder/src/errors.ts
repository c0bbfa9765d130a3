/** Errors of this package. Every message reads `<where>: <rule>, got <actual>. <what to do>`; every class has a `code`. */

/** The part of the rule that was broken, as data. */
export interface ShapeErrorDetails {
  /** Op type, with the SSA name where there is one: `conv "qf"`. */
  readonly op: string;
  readonly rule: string;
  readonly expected: string;
  readonly actual: string;
}

/** An op was given types, shapes or constants that its definition does not allow. */
export class ShapeError extends Error implements ShapeErrorDetails {
  override readonly name = "ShapeError";
  readonly code = "ERR_SHAPE";
  readonly op: string;
  readonly rule: string;
  readonly expected: string;
  readonly actual: string;

  constructor(details: ShapeErrorDetails) {
    super(`${details.op}: ${details.rule}, got ${details.actual}. Expected ${details.expected}.`);
    this.op = details.op;
    this.rule = details.rule;
    this.expected = details.expected;
    this.actual = details.actual;
  }
}

/** The caller's own mistake that no op's type rule covers: names, missing inputs or weights, values of another function. */
export class ArgumentError extends Error {
  override readonly name = "ArgumentError";
  readonly code = "ERR_ARGUMENT";
}

/** What is wrong with the text or file: its syntax, a feature this package lacks, nesting, size, a literal, a name, a type, a blob, a package. */
export type FormatErrorCode =
  | "ERR_MIL_SYNTAX"
  | "ERR_MIL_UNSUPPORTED"
  | "ERR_MIL_DEPTH"
  | "ERR_MIL_SIZE"
  | "ERR_MIL_LITERAL"
  | "ERR_MIL_UNDEFINED"
  | "ERR_MIL_DUPLICATE"
  | "ERR_MIL_TYPE"
  | "ERR_BLOB"
  | "ERR_MLPACKAGE";

/** Where a text or file is wrong. */
export interface FormatErrorLocation {
  /** 1-based line and column in program text. */
  readonly line?: number;
  readonly column?: number;
  /** The token that would have been accepted there. */
  readonly expected?: string;
  /** Byte offset in a blob file. */
  readonly offset?: number;
  /** File of a package, and the field in it. */
  readonly path?: string;
  readonly field?: string;
  readonly cause?: unknown;
}

/** Program text, a blob file or a package that cannot be read (or written). */
export class FormatError extends Error {
  override readonly name = "FormatError";
  readonly code: FormatErrorCode;
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly expected: string | undefined;
  readonly offset: number | undefined;
  readonly path: string | undefined;
  readonly field: string | undefined;

  constructor(code: FormatErrorCode, message: string, location: FormatErrorLocation = {}) {
    super(message, location.cause === undefined ? undefined : { cause: location.cause });
    this.code = code;
    this.line = location.line;
    this.column = location.column;
    this.expected = location.expected;
    this.offset = location.offset;
    this.path = location.path;
    this.field = location.field;
  }
}
