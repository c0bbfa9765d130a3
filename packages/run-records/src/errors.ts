/** What can be wrong with the record of a run. */

export type RunRecordsErrorCode =
  /** There is no run where one was named. */
  | "ERR_NO_RUN"
  /** The run's files cannot be read, or are not what a run writes. */
  | "ERR_RUN_FILES"
  /** The record became shorter, or was replaced, while it was followed. */
  | "ERR_RECORD_REPLACED"
  /** An export cannot be written. */
  | "ERR_EXPORT";

export class RunRecordsError extends Error {
  override readonly name = "RunRecordsError";
  readonly code: RunRecordsErrorCode;

  constructor(code: RunRecordsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
