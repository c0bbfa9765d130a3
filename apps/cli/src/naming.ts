/** Errors of libraries about what a flag or argument names, with its name in front. */
import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { CommandError, UsageError } from "./errors.js";

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

/** @throws UsageError unless a file can be written at the path: its folder is there, and it is no folder itself. */
export function expectFilePlace(flag: string, path: string): void {
  const folder = kindOf(dirname(path));
  if (folder !== "folder") {
    throw new UsageError(
      `${flag}: the file's folder must be there, got ${folder === "file" ? "a file" : "nothing"} at ${dirname(path)}. Make it first.`,
    );
  }
  if (kindOf(path) === "folder") {
    throw new UsageError(`${flag}: expected a file, got the folder ${path}. Give a file's name.`);
  }
}

/** @throws UsageError where a file is in a folder's place */
export function expectFolderPlace(flag: string, path: string): void {
  if (kindOf(path) === "file") {
    throw new UsageError(`${flag}: expected a folder, got the file ${path}. Choose another.`);
  }
}

/** Makes a folder, where there is none. @throws UsageError where that cannot be */
export function makeFolder(flag: string, path: string): void {
  expectFolderPlace(flag, path);
  naming(flag, () => mkdirSync(path, { recursive: true }));
}

export function kindOf(path: string): "file" | "folder" | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && (stats.isDirectory() ? "folder" : "file");
}
