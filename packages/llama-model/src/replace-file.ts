/** Replaces a file as a whole: after a crash at any moment its path holds the old content or the new, never a part. */
import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** One write call: a bound that every system accepts. */
const CHUNK_BYTES = 64 * 1024 * 1024;

/**
 * Writes the parts one after the other, each used before the next is asked for, into a new file in the same folder, flushes it, renames it over `path` and flushes
 * the folder. On failure the new file is removed and `path` is as it was.
 * @throws The system's error.
 */
export function replaceFile(path: string, parts: Iterable<Uint8Array>): void {
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
  const file = openSync(temporary, "wx");
  try {
    try {
      for (const part of parts) writeFully(file, part);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function writeFully(file: number, part: Uint8Array): void {
  for (let done = 0; done < part.length; ) {
    done += writeSync(file, part, done, Math.min(CHUNK_BYTES, part.length - done));
  }
}
