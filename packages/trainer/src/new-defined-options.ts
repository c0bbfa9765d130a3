/** What a new run of a model that a module defines takes from its options. */
import { OptionError } from "./errors.js";
import { DefinedKernels, defaultPipeline } from "./layers/defined-kernels.js";
import { type DefinedModel, isImageModel } from "./model-record.js";
import { numberOf } from "./numeric-options.js";
import type { TrainOptions } from "./options.js";
import type { LoadedModel } from "./resolve-definition.js";
import type { Recipe } from "./run-config.js";

/** @throws OptionError */
export function resolveDefined(
  options: TrainOptions,
  loaded: LoadedModel,
): { readonly model: DefinedModel; readonly seq: number; readonly pipeline: Recipe["pipeline"] } {
  const model = loaded.definition.record;
  for (const name of ["init", "softcap"] as const) {
    if (options[name] === undefined) continue;
    throw new OptionError(
      name,
      `must be left out for ${model.name}, which a module defines, got ${options[name]}. It is for Llama models.`,
    );
  }
  if (options.kernels === "handwritten") {
    throw new OptionError(
      "kernels",
      `must be derived or left out for ${model.name}, which a module defines, got handwritten. Only Llamas have kernels written by hand.`,
    );
  }
  if (options.seq !== undefined && options.seq !== model.seqLen) {
    throw new OptionError(
      "seq",
      `must be the model's ${model.seqLen}, got ${options.seq}. Change it in the module.`,
    );
  }
  if (options.compactVocab && isImageModel(model)) {
    throw new OptionError(
      "compactVocab",
      `must be left out for ${model.name}, which is trained on images, got true.`,
    );
  }
  const pipeline = options.pipeline ?? defaultPipeline(model);
  const { numerics = "fp16" } = options;
  const needed = kernelsPerUpdate({ pipeline, numerics }, loaded);
  expectDefinedBudget(numberOf(options, "compileBudget"), needed);
  return { model, seq: model.seqLen, pipeline };
}

/** Also a check that they can be derived. @throws OptionError */
export function kernelsPerUpdate(
  { pipeline, numerics }: Pick<Recipe, "pipeline" | "numerics">,
  { definition }: LoadedModel,
): number {
  return new DefinedKernels(definition, { pipeline, dtype: numerics }).perUpdate;
}

/** @throws OptionError if one process could not compile the kernels of a single update. */
export function expectDefinedBudget(budget: number, needed: number): void {
  if (budget === 0 || budget >= needed) return;
  throw new OptionError(
    "compileBudget",
    `must be 0 or at least the ${needed} kernels of an update, got ${budget}. One update's kernels must fit into one process.`,
  );
}
