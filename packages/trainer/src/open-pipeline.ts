/** The pipeline that a recipe names. */
import type { Device } from "@ane/ane-runtime";
import type { CompactVocabulary } from "./compact-vocabulary.js";
import { DynamicPipeline } from "./dynamic-pipeline.js";
import type { Pipeline } from "./pipeline.js";
import type { Recipe } from "./run-config.js";
import type { RunState } from "./run-state.js";
import { StaticPipeline } from "./static-pipeline.js";

const PIPELINES = { dynamic: DynamicPipeline, static: StaticPipeline } as const;

/** Reads no parameters: they may still be another process's. @param vocabulary The classes of the loss; default: all */
export function openPipeline(
  device: Device,
  recipe: Recipe,
  state: RunState,
  vocabulary?: CompactVocabulary,
): Pipeline {
  return new PIPELINES[recipe.pipeline](device, recipe, state, vocabulary);
}
