/** What a checkpoint says of itself, and whether it is intact. */
import {
  CheckpointDamage,
  type CheckpointHeader,
  readCheckpointFile,
  readCheckpointHeader,
} from "./checkpoint-file.js";
import { CheckpointError } from "./errors.js";

/**
 * @param wholly Also reads all of it and compares its SHA-256.
 * @throws CheckpointError saying what is wrong; the system's error if it cannot be read.
 */
export function inspectCheckpoint(path: string, wholly = false): CheckpointHeader {
  try {
    return wholly ? readCheckpointFile(path, () => ({})) : readCheckpointHeader(path);
  } catch (cause) {
    if (!(cause instanceof CheckpointDamage)) throw cause;
    throw new CheckpointError(
      `${path}: a checkpoint must be intact, got a damaged one: ${cause.message}. Use an earlier one.`,
      { cause },
    );
  }
}
