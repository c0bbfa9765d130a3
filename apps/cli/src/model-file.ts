/** A model from whatever holds one: a llama2.c file, a Hugging Face folder, a run's folder, a checkpoint. */
import { existsSync } from "node:fs";
import type { Model } from "@ane/llama-model";
import { type DefinedRun, loadModel, openDefinedRun, type RunConfig, runOf } from "@ane/trainer";
import type { Context } from "./context.js";
import { UsageError } from "./errors.js";
import { naming, namingLater } from "./naming.js";
import { runFolder } from "./run-folder.js";

const KINDS = "Give a llama2.c .bin file, a Hugging Face folder, a run's folder or a checkpoint.";

/** How a command is given its model. */
export interface ModelPath {
  /** The argument or flag. */
  readonly name: string;
  readonly path: string;
}

/** A model with its parameters, and the configuration of the run that it is of. */
export type OpenedModel = { readonly run: RunConfig | undefined } & (
  | { readonly llama: Model; readonly defined?: never }
  | { readonly defined: DefinedRun; readonly llama?: never }
);

/**
 * The model of a command that takes it by path, or a run by its name, as an argument, as llama2.c's run does, or with --init.
 * @throws UsageError unless it is given once, and there
 */
export function modelPath(
  context: Context,
  argument: string | undefined,
  init: string | undefined,
): ModelPath {
  if (init !== undefined && argument !== undefined) {
    throw new UsageError(
      `--init: a model is given once, got "${argument}" as well. Leave one out.`,
    );
  }
  const name = init === undefined ? "MODEL" : "--init";
  const given = init ?? argument;
  if (given === undefined) throw new UsageError(`MODEL: expected a model, got none. ${KINDS}`);
  const path = runFolder(context, given);
  if (existsSync(path)) return { name, path };
  throw new UsageError(`${name}: the model must exist, got nothing at ${path}. ${KINDS}`);
}

/** A Llama. @throws UsageError unless there is an intact one */
export function openLlama({ name, path }: ModelPath): Model {
  return naming(name, () => loadModel(path));
}

/** A Llama, or a run's model that a module defines. @throws UsageError unless there is an intact one */
export async function openModel(given: ModelPath): Promise<OpenedModel> {
  const { name, path } = given;
  const run = naming(name, () => runOf(path));
  const defined = await namingLater(name, () => openDefinedRun(path));
  return defined ? { run, defined } : { run, llama: openLlama(given) };
}
