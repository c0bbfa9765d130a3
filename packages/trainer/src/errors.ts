/**
 * Errors of this package, one class per reaction of the caller. Messages: `<where>: <rule>, got <actual>. <what to do>`.
 * An error of a worker process crosses to the caller's process as its code, message and details.
 */

/** Base of every error that training throws of its own. */
export class TrainerError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** An option with a value that cannot be used; nothing has been done yet. */
export class OptionError extends TrainerError {
  readonly option: string;

  constructor(option: string, message: string, options?: ErrorOptions) {
    super("ERR_OPTION", `${option}: ${message}`, options);
    this.option = option;
  }
}

/** A checkpoint that cannot be written, or a run that has none left to continue from. */
export class CheckpointError extends TrainerError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_CHECKPOINT", message, options);
  }
}

/** The loss or the gradient became infinite or not a number. The last checkpoint is from before. */
export class DivergedError extends TrainerError {
  constructor(message: string) {
    super("ERR_DIVERGED", message);
  }
}

/** Another process works on the run. */
export class RunLockedError extends TrainerError {
  constructor(message: string) {
    super("ERR_LOCKED", message);
  }
}

/** There is no memory for the state of a run, or it is not what a planned restart should find. */
export class StateError extends TrainerError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_STATE", message, options);
  }
}

/** Another rank of a distributed run has ended: the others stop, and one of them saves. */
export class PeerError extends TrainerError {
  constructor(message: string) {
    super("ERR_PEER", message);
  }
}

/** The process that did the work ended without being asked to. */
export class WorkerError extends TrainerError {
  constructor(message: string) {
    super("ERR_WORKER", message);
  }
}

/** An error as it crosses a process boundary. */
export interface ErrorRecord {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly stack?: string;
  readonly option?: string;
}

export function recordOf(error: unknown): ErrorRecord {
  if (!(error instanceof Error)) {
    return { name: "Error", code: "ERR_UNKNOWN", message: String(error) };
  }
  const code = "code" in error && typeof error.code === "string" ? error.code : "ERR_UNKNOWN";
  return {
    name: error.name,
    code,
    message: error.message,
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(error instanceof OptionError && { option: error.option }),
  };
}

/** The error that a record was made of: its own class for this package's errors, otherwise a TrainerError with its code. */
export function errorFrom(record: ErrorRecord): TrainerError {
  const options = record.stack === undefined ? undefined : { cause: record.stack };
  switch (record.code) {
    case "ERR_OPTION": {
      const option = record.option ?? "";
      return new OptionError(option, record.message.slice(`${option}: `.length), options);
    }
    case "ERR_CHECKPOINT":
      return new CheckpointError(record.message, options);
    case "ERR_DIVERGED":
      return new DivergedError(record.message);
    case "ERR_STATE":
      return new StateError(record.message, options);
    default:
      return new TrainerError(record.code, record.message, options);
  }
}

/** Such as "ENOENT", of a system's error. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
