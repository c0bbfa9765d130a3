/** When a run writes samples, of what, and in whose token ids. */
import { resolve } from "node:path";
import { OptionError } from "./errors.js";
import type { ModelDefinition } from "./layers/define-model.js";
import { textRefusal } from "./layers/text-refusal.js";
import type { ModelRecord } from "./model-record.js";
import { numberOf } from "./numeric-options.js";
import type { TrainOptions } from "./options.js";
import type { Execution } from "./run-config.js";
import { runTokenizer } from "./run-tokenizer.js";

const DEFAULT_PROMPTS = ["Once upon a time"];

/**
 * @param definition Of a model that a module defines.
 * @param stored Of the run that is resumed.
 * @throws OptionError where samples are asked for that the model or its tokenizer does not allow
 */
export function resolveSamples(
  options: TrainOptions,
  model: ModelRecord,
  definition?: ModelDefinition,
  stored?: Execution,
): Required<Pick<Execution, "sampleEvery" | "samplePrompts" | "tokenizerPath">> {
  const sampleEvery = options.sampleEvery ?? stored?.sampleEvery ?? numberOf({}, "sampleEvery");
  const samplePrompts = options.samplePrompts ?? stored?.samplePrompts ?? DEFAULT_PROMPTS;
  const { tokenizer } = options;
  const tokenizerPath =
    tokenizer === undefined ? (stored?.tokenizerPath ?? null) : resolve(tokenizer);
  const refusal = sampleEvery > 0 && definition && textRefusal(definition);
  if (refusal) throw new OptionError("sampleEvery", `${refusal}. Leave the option out.`);
  if (sampleEvery > 0 || tokenizer !== undefined) runTokenizer(model, tokenizerPath);
  return { sampleEvery, samplePrompts, tokenizerPath };
}
