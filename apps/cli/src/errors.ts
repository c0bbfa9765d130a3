/** An error of the command line itself, told to the user without a stack. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly code = "ERR_COMMAND";
}
