/** The pipeline that a recipe names. */
import type { Device } from "@ane/ane-runtime";
import type { CompactVocabulary } from "./compact-vocabulary.js";
import { DerivedPipeline } from "./derived-pipeline.js";
import { DynamicPipeline } from "./dynamic-pipeline.js";
import type { Pipeline } from "./pipeline.js";
import { kernelsOf, type LlamaRecipe } from "./run-config.js";
import type { RunState } from "./run-state.js";
import { StaticPipeline } from "./static-pipeline.js";

const PIPELINES = { dynamic: DynamicPipeline, static: StaticPipeline } as const;

/** Reads no parameters: they may still be another process's. @param vocabulary The classes of the loss; default: all */
export function openPipeline(
  device: Device,
  recipe: LlamaRecipe,
  state: RunState,
  vocabulary?: CompactVocabulary,
): Pipeline {
  if (kernelsOf(recipe) === "derived") {
    return new DerivedPipeline(device, recipe, state, vocabulary);
  }
  return new PIPELINES[recipe.pipeline](device, recipe, state, vocabulary);
}
