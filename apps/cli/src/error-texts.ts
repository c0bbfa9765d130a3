/** What the command line says about errors: one line that names the flag, its value and what to do. */
import { ArgumentScannerError, formatMessageForArgumentScannerError, text_en } from "@stricli/core";
import { kebab } from "./kebab.js";

/** Errors that a library raised on purpose have a `code`: their message is meant for the user, without a stack. */
export function explainError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const expected = "code" in error && typeof error.code === "string";
  if (!expected) return error.stack ?? error.message;
  // The trainer's options have the names of flags.
  const { option, message } = error as Error & { readonly option?: string };
  const isFlag = option !== undefined && message.startsWith(`${option}: `);
  return `Error: ${isFlag ? `--${kebab(option)}${message.slice(option.length)}` : message}`;
}

/** Placeholders of positional arguments are in capitals, flags are not. */
function named(flagOrPlaceholder: string): string {
  return /^[a-z]/.test(flagOrPlaceholder) ? `--${flagOrPlaceholder}` : flagOrPlaceholder;
}

function suggestion(candidates: readonly string[]): string {
  if (candidates.length === 0) return "Add --help to see what there is.";
  return `Did you mean ${candidates.join(" or ")}?`;
}

function explainArguments(error: unknown): string {
  // Anything else is a fault of this program.
  if (!(error instanceof ArgumentScannerError)) return explainError(error);
  const message = formatMessageForArgumentScannerError(error, {
    FlagNotFoundError: ({ input, corrections }) =>
      `there is no flag --${input}. ${suggestion(corrections.map((name) => `--${name}`))}`,
    AliasNotFoundError: ({ input }) =>
      `there is no flag -${input}. Add --help to see what there is.`,
    ArgumentParseError: ({ externalFlagNameOrPlaceholder, exception }) =>
      `${named(externalFlagNameOrPlaceholder)}: ${exception instanceof Error ? exception.message : String(exception)}.`,
    EnumValidationError: ({ externalFlagName, input, values }) =>
      `--${externalFlagName}: expected ${values.join(", ")}, got "${input}". Choose one of them.`,
    UnsatisfiedFlagError: ({ externalFlagName, nextFlagName }) =>
      `--${externalFlagName}: expected a value, got ${nextFlagName === undefined ? "none" : `--${nextFlagName}`}. Give it after the flag.`,
    UnexpectedPositionalError: ({ expectedCount, input }) =>
      `expected ${expectedCount === 0 ? "flags only" : `${expectedCount} argument${expectedCount === 1 ? "" : "s"}`}, got "${input}" as well. Put quotes around values with spaces.`,
    UnsatisfiedPositionalError: ({ placeholder, limit }) =>
      limit === undefined || limit[1] === 0
        ? `${placeholder}: expected a value, got none. Give it after the command.`
        : `${placeholder}: expected at least ${limit[0]}, got ${limit[1]}. Give more after the command.`,
    InvalidNegatedFlagSyntaxError: ({ externalFlagName, valueText }) =>
      `--${externalFlagName}: expected no value, got "${valueText}". Leave the value out.`,
    UnexpectedFlagError: ({ externalFlagName, previousInput, input }) =>
      `--${externalFlagName}: expected one value, got "${previousInput}" and "${input}". Give it once.`,
  });
  return `Error: ${message}`;
}

export const errorTexts: typeof text_en = {
  ...text_en,
  noCommandRegisteredForInput: ({ input, corrections }) =>
    `Error: there is no command "${input}". ${suggestion(corrections)}`,
  exceptionWhileParsingArguments: explainArguments,
  // Without native code, say: the message has the remedy.
  exceptionWhileLoadingCommandFunction: (error) =>
    `Error: ${error instanceof Error ? error.message : String(error)}\n\`ane doctor\` says what this machine lacks.`,
  exceptionWhileRunningCommand: explainError,
  commandErrorResult: explainError,
};
