/** Which model a run trains: a preset, a JSON configuration, or the model of the file it starts from. */
import { type LlamaConfig, resolveConfig } from "@ane/llama-model";
import { OptionError } from "./errors.js";
import { readInitConfig } from "./init-file.js";
import { messageOf } from "./input-files.js";

export const DEFAULT_MODEL = "stories110m";

/** What two descriptions of one model must agree on: all that the parameters depend on. */
const ARCHITECTURE = [
  "dim",
  "hiddenDim",
  "layers",
  "heads",
  "kvHeads",
  "headDim",
  "vocabSize",
  "tiedEmbeddings",
  "normEps",
  "ropeTheta",
  "qkNorm",
  "logitSoftcap",
] as const satisfies readonly (keyof LlamaConfig)[];

/** @throws OptionError for an unknown model, an unreadable init file, or an init file of another model. */
export function resolveModel(model: string | undefined, init: string | undefined): LlamaConfig {
  if (init === undefined) return namedModel(model ?? DEFAULT_MODEL);
  const stored = readInitConfig(init);
  if (model === undefined) return stored;
  const named = namedModel(model);
  const difference = differingField(named, stored);
  if (difference) {
    throw new OptionError(
      "init",
      `must hold the model ${named.name} with ${difference} ${named[difference]}, got ${difference} ${stored[difference]} in ${init}. Leave out \`model\` to train the model of the file.`,
    );
  }
  return named;
}

export function namedModel(model: string): LlamaConfig {
  try {
    return resolveConfig(model);
  } catch (cause) {
    // The option says where.
    throw new OptionError("model", messageOf(cause).replace(/^resolveConfig: /, ""), { cause });
  }
}

export function differingField(a: LlamaConfig, b: LlamaConfig): keyof LlamaConfig | undefined {
  return ARCHITECTURE.find((field) => a[field] !== b[field]);
}
