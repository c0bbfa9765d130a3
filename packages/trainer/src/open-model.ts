/** The code of the model that a run's configuration names. */
import { DefinedTraining } from "./layers/defined-training.js";
import { loadDefinition } from "./layers/load-definition.js";
import { LlamaTraining } from "./llama-training.js";
import { expectSameDefinition } from "./resolve-definition.js";
import { isLlamaRecipe, type RunConfig } from "./run-config.js";
import type { TrainableModel } from "./trainable-model.js";

/** @throws OptionError if the module that defines the model cannot be used, or defines another one by now */
export async function openModel({ recipe, execution }: RunConfig): Promise<TrainableModel> {
  if (isLlamaRecipe(recipe)) return new LlamaTraining(recipe);
  const definition = await loadDefinition(execution.modelPath ?? "");
  expectSameDefinition(recipe.model, definition.record);
  return new DefinedTraining(definition, recipe);
}
