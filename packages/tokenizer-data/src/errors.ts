// Error classes of this package. `code` is stable; `message` reads `<where>: <rule>, got <actual>. <what to do>`.

/** A file whose content breaks its format; `offset` is the byte at which it does. */
export class FormatError extends Error {
  readonly code = "ERR_FORMAT";
  readonly path: string;
  readonly offset: number;

  constructor(path: string, offset: number, message: string) {
    super(`${path}: byte ${offset}: ${message}`);
    this.name = "FormatError";
    this.path = path;
    this.offset = offset;
  }
}

/** An argument outside the range its docstring allows. */
export class ArgumentError extends RangeError {
  readonly code = "ERR_ARGUMENT";

  constructor(message: string) {
    super(message);
    this.name = "ArgumentError";
  }
}

/** A file that does not exist; the message says how to obtain it. */
export class MissingFileError extends Error {
  readonly code = "ERR_MISSING_FILE";
  readonly path: string;

  constructor(path: string, message: string, options?: ErrorOptions) {
    super(`${path}: ${message}`, options);
    this.name = "MissingFileError";
    this.path = path;
  }
}

/** True when `error` is Node's "no such file or directory". */
export function isNotFound(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
