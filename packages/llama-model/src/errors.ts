/** Errors of this package, one class per reaction of the caller. Messages: `<where>: <rule>, got <actual>. <what to do>`. */

/** A model configuration that no model can have, or a model name that is not known. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "ERR_CONFIG";
  /** The field at fault, such as "kvHeads"; "model" for an unknown name. */
  readonly field: string;

  constructor(field: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.field = field;
  }
}

/** A file that is not what its name or place promises. */
export class FormatError extends Error {
  override readonly name = "FormatError";
  readonly code = "ERR_FORMAT";
  readonly path: string;

  constructor(path: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.path = path;
  }
}

/** A call with an argument out of its range: the message names it. */
export class InputError extends Error {
  override readonly name = "InputError";
  readonly code = "ERR_INPUT";
}
