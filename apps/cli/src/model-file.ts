/** Parameters from whatever holds a model: a llama2.c file, a run's folder, a checkpoint. */
import { existsSync, statSync } from "node:fs";
import { type LlamaConfig, type Parameters, readLlamaBin } from "@ane/llama-model";
import { readCheckpoint } from "@ane/trainer";
import { CommandError } from "./errors.js";

export interface Model {
  readonly config: LlamaConfig;
  readonly parameters: Parameters;
}

/** @throws CommandError where nothing is at the path; FormatError, CheckpointError where it is no intact model. */
export function loadModel(path: string): Model {
  if (!existsSync(path)) {
    throw new CommandError(
      `--init: the model must exist, got nothing at ${path}. Give a llama2.c .bin file, a run's folder or a checkpoint.`,
    );
  }
  if (statSync(path).isDirectory() || path.endsWith(".ckpt")) {
    const { parameters } = readCheckpoint(path);
    return { config: parameters.config, parameters };
  }
  return readLlamaBin(path);
}
