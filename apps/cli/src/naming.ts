/** Errors of libraries about what a flag or argument names, with its name in front. */
import { CommandError, UsageError } from "./errors.js";
import { kindOf } from "./places.js";

/**
 * Runs `use`, whose errors with a code (of libraries and of the system) are about what the user gave as `flag`.
 * @throws UsageError
 */
export function naming<T>(flag: string, use: () => T): T {
  try {
    return use();
  } catch (cause) {
    throw named(flag, cause);
  }
}

/** The same for what takes its time. @throws UsageError */
export async function namingLater<T>(flag: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (cause) {
    throw named(flag, cause);
  }
}

/**
 * Runs `use`, whose errors about the trainer's options are about flags of other names.
 * @param flags By option. @throws UsageError
 */
export function namingOptions<T>(flags: Readonly<Record<string, string>>, use: () => T): T {
  try {
    return use();
  } catch (cause) {
    const flag = flags[optionOf(cause) ?? ""];
    throw flag === undefined ? cause : named(flag, cause);
  }
}

/** The error with the flag in front, if it was expected: of an option of the trainer, in its place. */
function named(flag: string, cause: unknown): unknown {
  const isExpected = cause instanceof Error && "code" in cause && typeof cause.code === "string";
  if (!isExpected || cause instanceof CommandError) return cause;
  const prefix = `${optionOf(cause)}: `;
  const message = cause.message.startsWith(prefix)
    ? cause.message.slice(prefix.length)
    : cause.message;
  return new UsageError(`${flag}: ${message}`, { cause });
}

/** Of the trainer's errors of options, by their shape: most commands do without the trainer. */
function optionOf(error: unknown): string | undefined {
  return error instanceof Error && "option" in error ? String(error.option) : undefined;
}

/** The same for a file that is read. @throws UsageError for a folder, too */
export function namingFile<T>(flag: string, path: string, read: (path: string) => T): T {
  if (kindOf(path) !== "folder") return naming(flag, () => read(path));
  throw new UsageError(`${flag}: expected a file, got the folder ${path}. Give a file's name.`);
}
