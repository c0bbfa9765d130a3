/** A resumed run: its stored configuration, with the changes that leave its losses as they would have been. */
import { resolve } from "node:path";
import { identifyData } from "./data-identity.js";
import { OptionError } from "./errors.js";
import { identifyInit } from "./init-file.js";
import { storedPath, tokenPath } from "./input-files.js";
import { expectDefinedBudget, kernelsPerUpdate } from "./new-defined-options.js";
import {
  expectBudget,
  expectCpuForFp32,
  expectEvaluation,
  expectPrecision,
} from "./option-rules.js";
import type { TrainOptions } from "./options.js";
import { expectSameDefinition, type LoadedModel } from "./resolve-definition.js";
import { differingField, namedModel } from "./resolve-model.js";
import {
  EMBEDDED,
  type Execution,
  isLlamaRecipe,
  kernelsOf,
  type Recipe,
  type ResolvedRun,
  readRunConfig,
} from "./run-config.js";
import { runPaths } from "./run-directory.js";
import { givenSteps, resolveAccum } from "./run-length.js";
import { resolveSamples } from "./sample-options.js";

/** Options that only say how the run is carried out. */
const CHANGEABLE = [
  "minutes",
  "compileBudget",
  "saveEvery",
  "keep",
  "evalEvery",
  "evalWindows",
] as const;

/** Options that shape the losses, by the name of their field in the recipe. */
const KEPT = [
  "seq",
  "pipeline",
  "numerics",
  "precision",
  "optimizer",
  "compactVocab",
  "lr",
  "schedule",
  "warmup",
  "minLr",
  "decayUpdates",
  "beta1",
  "beta2",
  "epsilon",
  "weightDecay",
  "clip",
  "lossScale",
  "zLoss",
  "seed",
] as const satisfies readonly (keyof Recipe & keyof TrainOptions)[];

/**
 * @param directory Absolute path of the run.
 * @param loaded What the module defines that the options or the run name.
 * @throws OptionError for a folder without a run, an option that contradicts the stored one, or data that changed.
 */
export function resumeRun(
  options: TrainOptions,
  directory: string,
  loaded?: LoadedModel,
): ResolvedRun {
  const { recipe, execution, version } = readRunConfig(runPaths(directory).config);
  for (const name of KEPT) {
    if (options[name] !== undefined) expectSame(name, recipe[name], options[name]);
  }
  if (options.kernels !== undefined) expectSame("kernels", kernelsOf(recipe), options.kernels);
  expectSameAccum(recipe, options);
  if (options.softcap !== undefined) {
    expectSame("softcap", isLlamaRecipe(recipe) && recipe.model.logitSoftcap, options.softcap);
  }
  if (loaded) expectSameDefinition(recipe.model, loaded.definition.record);
  else if (options.model !== undefined) expectSameModel(recipe, options.model);

  const changed: Execution = {
    ...execution,
    ...Object.fromEntries(CHANGEABLE.map((name) => [name, options[name] ?? execution[name]])),
    steps:
      givenSteps(options, {
        seq: recipe.seq,
        accum: recipe.accum,
        dataTokens: recipe.data.tokens,
      }) ?? execution.steps,
    device: options.device ?? execution.device,
    dataPath: options.data === undefined ? execution.dataPath : storedPath(options.data),
    validationPath:
      options.validation === undefined ? execution.validationPath : storedPath(options.validation),
    initPath: resumedInitPath(options, recipe, execution),
    ...(loaded && { modelPath: loaded.path }),
    ...resolveSamples(options, recipe.model, loaded?.definition, execution),
  };
  expectCpuForFp32(recipe.numerics, changed.device);
  expectPrecision(recipe.precision);
  if (isLlamaRecipe(recipe)) expectBudget(changed.compileBudget, recipe, recipe.model.layers);
  else if (loaded) expectDefinedBudget(changed.compileBudget, kernelsPerUpdate(recipe, loaded));
  expectSameData(recipe, changed.dataPath);
  expectEvaluation(changed, options.evalWindows, recipe.model, recipe.seq);
  return { directory, config: { version, recipe, execution: changed }, resumed: true };
}

function contradiction(option: string, stored: unknown, given: unknown): OptionError {
  return new OptionError(
    option,
    `a resumed run keeps ${String(stored)}, got ${String(given)}. Leave the option out, or start a new run.`,
  );
}

function expectSame(option: string, stored: unknown, given: unknown): void {
  if (stored !== given) throw contradiction(option, stored, given);
}

function expectSameAccum({ accum, seq }: Recipe, options: TrainOptions): void {
  const name = options.batchTokens === undefined ? "accum" : "batchTokens";
  if (options[name] === undefined || resolveAccum(options, seq) === accum) return;
  throw contradiction(name, name === "accum" ? accum : accum * seq, options[name]);
}

function expectSameModel(recipe: Recipe, model: string): void {
  if (!isLlamaRecipe(recipe)) throw contradiction("model", recipe.model.name, model);
  // A run's softcap is an option of its own.
  const named = { ...namedModel(model), logitSoftcap: recipe.model.logitSoftcap };
  const field = differingField(recipe.model, named);
  if (field) {
    throw contradiction(
      "model",
      `${recipe.model.name} with ${field} ${recipe.model[field]}`,
      `${named.name} with ${field} ${named[field]}`,
    );
  }
}

function expectSameData(recipe: Recipe, dataPath: string): void {
  const { sha256 } = identifyData("data", dataPath, recipe.model, recipe.seq);
  if (sha256 !== recipe.data.sha256) {
    throw new OptionError(
      "data",
      `a resumed run keeps its data, ${recipe.data.tokens} tokens with SHA-256 ${recipe.data.sha256}, got ${sha256} in ${tokenPath("data", dataPath)}. Restore the file, or start a new run${dataPath === EMBEDDED ? " with this version's data" : ""}.`,
    );
  }
}

function resumedInitPath({ init }: TrainOptions, recipe: Recipe, execution: Execution) {
  if (init === undefined) return execution.initPath;
  const path = resolve(init);
  if (recipe.init === null) throw contradiction("init", `its seed ${recipe.seed}`, init);
  const sha256 = identifyInit(path);
  if (sha256 !== recipe.init.sha256) {
    throw contradiction(
      "init",
      `the file with SHA-256 ${recipe.init.sha256}`,
      `${init} (${sha256})`,
    );
  }
  return path;
}
