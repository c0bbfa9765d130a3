/**
 * The resolved options of a run as config.json stores them: the recipe, which shapes the losses and never changes, and
 * the execution, which a resumed run may change.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { LlamaConfig } from "@ane/llama-model";
import { writeAtomically } from "./atomic-file.js";
import { OptionError } from "./errors.js";
import type { PipelineName } from "./events.js";
import { isLlama, type ModelRecord } from "./model-record.js";
import type { OptimizerPlace } from "./optimizer-place.js";
import type { Schedule } from "./schedule.js";

/** A file by its content, so that it may move between two parts of a run. */
export interface FileIdentity {
  readonly sha256: string;
}

export interface Recipe extends Schedule {
  readonly model: ModelRecord;
  readonly pipeline: PipelineName;
  /** Of a Llama; "handwritten" where the configuration of an earlier version lacks it. */
  readonly kernels?: KernelSource;
  readonly numerics: "fp16" | "fp32";
  /** Of the factors of the products on the CPU: weight gradients and classifier. */
  readonly precision: "fp32" | "bf16";
  readonly optimizer: OptimizerPlace;
  /** null: parameters drawn from the seed. */
  readonly init: FileIdentity | null;
  readonly data: FileIdentity & { readonly tokens: number };
  readonly seq: number;
  /** The loss distinguishes only the token ids that occur in the data. */
  readonly compactVocab: boolean;
  readonly accum: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  readonly clip: number;
  readonly lossScale: number | "dynamic";
  readonly zLoss: number;
  readonly seed: number;
}

/** Whether a Llama's kernels were written by hand, or derived from the forward passes of its layer's halves. */
export type KernelSource = "handwritten" | "derived";

/** Of a run that trains a Llama. */
export interface LlamaRecipe extends Recipe {
  readonly model: LlamaConfig;
}

export function isLlamaRecipe(recipe: Recipe): recipe is LlamaRecipe {
  return isLlama(recipe.model);
}

/** Where a run's kernels come from. */
export function kernelsOf({ model, kernels }: Pick<Recipe, "model" | "kernels">): KernelSource {
  return isLlama(model) ? (kernels ?? "handwritten") : "derived";
}

/** Stands for the data set that comes with @ane/tokenizer-data, wherever that is installed. */
export const EMBEDDED = "embedded";

export interface Execution {
  readonly device: "auto" | "cpu" | "ane";
  readonly steps: number;
  readonly compileBudget: number;
  readonly saveEvery: number;
  readonly keep: number;
  readonly minutes: number;
  readonly evalEvery: number;
  readonly evalWindows: number;
  /** Absolute path, or "embedded". */
  readonly dataPath: string;
  /** Absolute path, "embedded", or null for no evaluation. */
  readonly validationPath: string | null;
  readonly initPath: string | null;
  /** Micro-steps between samples, 0 = when asked for alone. Like the next two, missing in the configurations of earlier versions. */
  readonly sampleEvery?: number;
  readonly samplePrompts?: readonly string[];
  /** Absolute; null: Llama 2's, where the model has as many token ids. */
  readonly tokenizerPath?: string | null;
  /** Absolute path of the module that defines the model, if one does. */
  readonly modelPath?: string;
}

export interface RunConfig {
  readonly version: 1;
  readonly recipe: Recipe;
  readonly execution: Execution;
}

/** What options come to. */
export interface ResolvedRun {
  /** Absolute. */
  readonly directory: string;
  readonly config: RunConfig;
  readonly resumed: boolean;
}

/** SHA-256 of the recipe, 32 bytes: what state and checkpoints of one run have in common. */
export function recipeDigest(recipe: Recipe): Uint8Array {
  return createHash("sha256").update(canonicalJson(recipe)).digest();
}

export function writeRunConfig(path: string, config: RunConfig): void {
  writeAtomically(path, (append) => append(Buffer.from(`${JSON.stringify(config, null, 2)}\n`)));
}

/** @throws OptionError (of `resume`) if the folder holds no run, or one whose configuration cannot be read. */
export function readRunConfig(path: string): RunConfig {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new OptionError(
      "resume",
      `must be the folder of a run, which holds a config.json, got no readable ${path}. Give the folder that the run was started with.`,
      { cause },
    );
  }
  try {
    const config = JSON.parse(text) as Partial<RunConfig> | null;
    if (config?.version === 1 && config.recipe && config.execution) return config as RunConfig;
  } catch (cause) {
    throw new OptionError(
      "resume",
      `the run's configuration must be JSON, got ${(cause as Error).message} in ${path}. Restore the file as the run wrote it.`,
      { cause },
    );
  }
  throw new OptionError(
    "resume",
    `the run's configuration must be of version 1, got something else in ${path}. Use the version of this program that wrote it.`,
  );
}

/** JSON with sorted keys: equal data gives equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
