/** A file that appears complete or not at all. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { RunRecordsError } from "../errors.js";

const BUFFER_BYTES = 1 << 20;

/**
 * Replaces a file of that name, makes folders that are missing.
 * @throws RunRecordsError with code ERR_EXPORT if it cannot be written; else what `pieces` throws.
 */
export async function writeWholeFile(
  path: string,
  pieces: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
): Promise<void> {
  const partial = `${path}.partial`;
  const file = attempt(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    return openSync(partial, "w");
  });
  try {
    let waiting: Uint8Array[] = [];
    let bytes = 0;
    const flush = () => {
      const joined = Buffer.concat(waiting);
      for (let done = 0; done < joined.length; ) done += writeSync(file, joined, done);
      [waiting, bytes] = [[], 0];
    };
    for await (const piece of pieces) {
      waiting.push(typeof piece === "string" ? Buffer.from(piece) : piece);
      bytes += waiting.at(-1)!.length;
      if (bytes >= BUFFER_BYTES) attempt(path, flush);
    }
    attempt(path, flush);
    attempt(path, () => fsyncSync(file));
  } catch (error) {
    closeSync(file);
    rmSync(partial, { force: true });
    throw error;
  }
  closeSync(file);
  attempt(path, () => renameSync(partial, path));
}

function attempt<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (cause) {
    throw new RunRecordsError(
      "ERR_EXPORT",
      `${path}: must be a file that can be written, got ${(cause as Error).message}. Give another place, or make room.`,
      { cause },
    );
  }
}
