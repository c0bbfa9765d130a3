/** Parameters from whatever holds a model: a llama2.c file, a Hugging Face folder, a run's folder, a checkpoint. */
import { existsSync } from "node:fs";
import type { Model } from "@ane/llama-model";
import { loadModel as loadExistingModel } from "@ane/trainer";
import { CommandError } from "./errors.js";

/**
 * @param option Name for the error message, such as "--init".
 * @throws CommandError where nothing is at the path; FormatError, CheckpointError where it is no intact model.
 */
export function loadModel(path: string, option = "--init"): Model {
  if (existsSync(path)) return loadExistingModel(path);
  throw new CommandError(
    `${option}: the model must exist, got nothing at ${path}. Give a llama2.c .bin file, a Hugging Face folder, a run's folder or a checkpoint.`,
  );
}
