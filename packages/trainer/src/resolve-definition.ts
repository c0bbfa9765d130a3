/** The model that a module defines, where the options or the stored configuration name one. */
import { resolve } from "node:path";
import { OptionError } from "./errors.js";
import type { ModelDefinition } from "./layers/define-model.js";
import { isModulePath, loadDefinition } from "./layers/load-definition.js";
import { type DefinedModel, isDefined, type ModelRecord } from "./model-record.js";
import type { TrainOptions } from "./options.js";
import { canonicalJson, readRunConfig } from "./run-config.js";
import { runPaths } from "./run-directory.js";

/** A module and what it defines. */
export interface LoadedModel {
  /** Absolute. */
  readonly path: string;
  readonly definition: ModelDefinition;
}

/** Undefined where the run trains a Llama. @throws OptionError */
export async function loadModelModule({
  model,
  resume,
}: TrainOptions): Promise<LoadedModel | undefined> {
  const path = model ?? (typeof resume === "string" ? storedModule(resume) : undefined);
  if (typeof path !== "string" || !isModulePath(path)) return undefined;
  return { path: resolve(path), definition: await loadDefinition(path) };
}

function storedModule(directory: string): string | undefined {
  return readRunConfig(runPaths(resolve(directory)).config).execution.modelPath;
}

/** @throws OptionError naming the first part that differs */
export function expectSameDefinition(stored: ModelRecord, found: DefinedModel): void {
  if (!isDefined(stored)) {
    throw new OptionError(
      "model",
      `a resumed run keeps its model ${stored.name}, got the module of ${found.name}. Leave the option out, or start a new run.`,
    );
  }
  if (canonicalJson(stored) === canonicalJson(found)) return;
  const field = (Object.keys(stored) as (keyof DefinedModel)[]).find(
    (name) => canonicalJson(stored[name]) !== canonicalJson(found[name]),
  );
  const parameter = stored.parameters.find(
    (own, i) => canonicalJson(own) !== canonicalJson(found.parameters[i] ?? null),
  );
  const part =
    parameter !== undefined
      ? `the parameter ${parameter.name}`
      : field === "layers"
        ? "what its layers compute"
        : field;
  throw new OptionError(
    "model",
    `a resumed run keeps its model ${stored.name}, got a definition that differs in ${part}. Restore the module, or start a new run.`,
  );
}
