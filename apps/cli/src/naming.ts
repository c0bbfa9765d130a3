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
    const isExpected = cause instanceof Error && "code" in cause && typeof cause.code === "string";
    if (!isExpected || cause instanceof CommandError) throw cause;
    throw new UsageError(`${flag}: ${cause.message}`, { cause });
  }
}

/** The same for a file that is read. @throws UsageError for a folder, too */
export function namingFile<T>(flag: string, path: string, read: (path: string) => T): T {
  if (kindOf(path) !== "folder") return naming(flag, () => read(path));
  throw new UsageError(`${flag}: expected a file, got the folder ${path}. Give a file's name.`);
}
