/** Places on disk that a flag names, looked at before any work. */
import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { UsageError } from "./errors.js";

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
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    throw new UsageError(
      `${flag}: the folder must be one that can be made, got ${(cause as Error).message}. Choose another.`,
      { cause },
    );
  }
}

/** undefined where nothing is. */
export function kindOf(path: string): "file" | "folder" | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats && (stats.isDirectory() ? "folder" : "file");
  } catch (error) {
    // A file stands where the path has a folder.
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw error;
  }
}
