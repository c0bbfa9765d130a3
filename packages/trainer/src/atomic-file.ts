/**
 * Files that are either the old one or the complete new one, whatever happens in between: written beside the target,
 * synced, renamed over it, the folder synced.
 */
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** Ends the name of a file that is not complete yet. */
const PARTIAL_SUFFIX = ".partial";

/** Largest piece handed to the system at once. */
const WRITE_BYTES = 16 << 20;

/**
 * Calls `write` with a function that appends bytes. If anything throws, the partial file is removed and what was at `path`
 * stays as it was.
 * @returns Bytes written.
 */
export function writeAtomically(
  path: string,
  write: (append: (bytes: Uint8Array) => void) => void,
): number {
  const partial = `${path}.${process.pid}${PARTIAL_SUFFIX}`;
  let total = 0;
  const file = openSync(partial, "w");
  try {
    try {
      write((bytes) => {
        for (let done = 0; done < bytes.length; ) {
          const written = writeSync(file, bytes, done, Math.min(WRITE_BYTES, bytes.length - done));
          done += written;
        }
        total += bytes.length;
      });
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
  syncDirectory(dirname(path));
  return total;
}

/** What processes left behind in a folder of their own that were killed while they wrote. */
export function removePartialFiles(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name.endsWith(PARTIAL_SUFFIX)) rmSync(join(folder, name), { force: true });
  }
}

/** Makes a rename or removal in the folder durable. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
