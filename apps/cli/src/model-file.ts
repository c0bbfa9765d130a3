/** Parameters from whatever holds a model: a llama2.c file, a Hugging Face folder, a run's folder, a checkpoint. */
import { existsSync } from "node:fs";
import type { Model } from "@ane/llama-model";
import { loadModel } from "@ane/trainer";
import type { Context } from "./context.js";
import { UsageError } from "./errors.js";
import { naming } from "./naming.js";
import { runFolder } from "./run-folder.js";

const KINDS = "Give a llama2.c .bin file, a Hugging Face folder, a run's folder or a checkpoint.";

/**
 * The model of a command that takes it by path, or a run by its name, as an argument, as llama2.c's run does, or with --init.
 * @throws UsageError unless it is given once, there, and an intact model
 */
export function openModel(
  context: Context,
  argument: string | undefined,
  init: string | undefined,
): Model {
  if (init !== undefined && argument !== undefined) {
    throw new UsageError(
      `--init: a model is given once, got "${argument}" as well. Leave one out.`,
    );
  }
  const name = init === undefined ? "MODEL" : "--init";
  const given = init ?? argument;
  if (given === undefined) throw new UsageError(`MODEL: expected a model, got none. ${KINDS}`);
  const path = runFolder(context, given);
  if (existsSync(path)) return naming(name, () => loadModel(path));
  throw new UsageError(`${name}: the model must exist, got nothing at ${path}. ${KINDS}`);
}
