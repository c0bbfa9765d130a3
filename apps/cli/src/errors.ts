/** Errors of the command line itself, told to the user without a stack. */

/** What was asked for did not work. */
export class CommandError extends Error {
  override readonly name: string = "CommandError";
  readonly code: string = "ERR_COMMAND";
}

/** What was asked for cannot be: an argument that cannot be used, or two that contradict each other. Nothing has been done. */
export class UsageError extends CommandError {
  override readonly name = "UsageError";
  override readonly code = "ERR_USAGE";
}
