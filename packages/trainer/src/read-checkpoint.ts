/** Reads the parameters of a run for other uses: evaluation, sampling, export. */
import { statSync } from "node:fs";
import {
  type LlamaConfig,
  Parameters,
  parameterLayout,
  type ReadModelOptions,
} from "@ane/llama-model";
import { CheckpointDamage, type CheckpointHeader, readCheckpointFile } from "./checkpoint-file.js";
import { listCheckpoints } from "./checkpoints.js";
import { CheckpointError } from "./errors.js";
import { isDefined } from "./model-record.js";
import { runPaths } from "./run-directory.js";

export interface Checkpoint {
  readonly path: string;
  /** Micro-steps done. */
  readonly step: number;
  readonly parameters: Parameters;
}

/**
 * @param path A checkpoint file, or the folder of a run, whose newest checkpoint is taken.
 * @throws CheckpointError if there is none or it is damaged; the system's error if it cannot be read.
 */
export function readCheckpoint(path: string, options: ReadModelOptions = {}): Checkpoint {
  const file = newestCheckpoint(path);
  let parameters: Parameters | undefined;
  const { step } = expectIntact(file, () =>
    readCheckpointFile(file, (header) => {
      parameters = parametersFor(header, options);
      return { parameters: parameters.data };
    }),
  );
  return { path: file, step, parameters: parameters! };
}

/** Reads the file. @throws CheckpointError where it is damaged */
export function expectIntact<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof CheckpointDamage)) throw cause;
    throw new CheckpointError(
      `${file}: a checkpoint must be intact, got a damaged one: ${cause.message}. Use an earlier one.`,
      { cause },
    );
  }
}

function parametersFor(
  { model, length }: CheckpointHeader,
  { allocate }: ReadModelOptions,
): Parameters {
  if (isDefined(model)) {
    throw new CheckpointError(
      `checkpoint: what is exported, started from or given without its run must be a Llama, got ${model.name}, which a module defines. For evaluation and text give its run's folder.`,
    );
  }
  if (parameterCount(model) !== length) throw new CheckpointDamage("its header is damaged");
  return new Parameters(model, allocate?.(model));
}

/** NaN for what is no model. */
function parameterCount(model: LlamaConfig): number {
  try {
    return parameterLayout(model).total;
  } catch {
    return Number.NaN;
  }
}

/** The path itself, or a run's newest checkpoint. @throws CheckpointError if the run has none. */
export function newestCheckpoint(path: string): string {
  return statSync(path).isDirectory() ? newestOf(path) : path;
}

function newestOf(directory: string): string {
  const { checkpoints } = runPaths(directory);
  const newest = listCheckpoints(checkpoints)[0];
  if (!newest) {
    throw new CheckpointError(
      `${directory}: a run must have a checkpoint, got none in ${checkpoints}. Train it for longer, or give another folder.`,
    );
  }
  return newest.path;
}
