/** What a checkpoint says of itself, and whether it is intact. */
import {
  type CheckpointHeader,
  readCheckpointFile,
  readCheckpointHeader,
} from "./checkpoint-file.js";
import { expectIntact } from "./read-checkpoint.js";

/**
 * @param wholly Also reads all of it and compares its SHA-256.
 * @throws CheckpointError saying what is wrong; the system's error if it cannot be read.
 */
export function inspectCheckpoint(path: string, wholly = false): CheckpointHeader {
  return expectIntact(path, () =>
    wholly ? readCheckpointFile(path, () => ({})) : readCheckpointHeader(path),
  );
}
