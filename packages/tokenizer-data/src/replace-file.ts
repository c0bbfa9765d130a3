// Atomic replacement of a file: write a temporary beside it, flush it to disk, rename it into place, flush the directory.

import { closeSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";

/** Replaces `path` by what `write` puts in the file it is given; on any error `path` stays as it was. */
export function replaceFile(path: string, write: (file: number) => void): void {
  const replacement = openReplacement(path);
  try {
    write(replacement.file);
    replacement.commit();
  } catch (error) {
    replacement.abandon();
    throw error;
  }
}

/** A file on its way to replace another: end it with `commit`, or with `abandon` after an error. */
export interface Replacement {
  readonly file: number;
  commit(): void;
  abandon(): void;
}

let serial = 0;

/** Opens the temporary file that `commit` will rename to `path`. */
export function openReplacement(path: string): Replacement {
  const temporary = `${path}.${process.pid}-${serial++}.tmp`;
  const file = openSync(temporary, "wx");
  let open = true;
  const close = (): void => {
    if (open) closeSync(file);
    open = false;
  };
  return {
    file,
    commit() {
      fsyncSync(file);
      close();
      renameSync(temporary, path);
      syncDirectory(dirname(path));
    },
    abandon() {
      close();
      rmSync(temporary, { force: true });
    },
  };
}

function syncDirectory(path: string): void {
  if (process.platform === "win32") return; // directories cannot be opened there
  const directory = openSync(path, "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
