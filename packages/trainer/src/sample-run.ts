/**
 * Text from the parameters as they are in memory, in fp32 and without the device. Prompts, seed and temperature never change
 * within a run, so that its samples show what it has learned.
 */
import { Decoder, generate, Parameters } from "@ane/llama-model";
import { OptionError } from "./errors.js";
import type { SampleEvent } from "./events.js";
import { isLlama } from "./model-record.js";
import type { RunConfig } from "./run-config.js";
import type { RunState } from "./run-state.js";
import { runTokenizer } from "./run-tokenizer.js";

/** Tokens that are chosen after the prompt, at most. */
const LENGTH = 96;
const TEMPERATURE = 0.8;
const TOP_P = 0.9;

/** Why the run cannot write samples; undefined where it can. */
export function samplingRefusal({ recipe, execution }: RunConfig): string | undefined {
  try {
    runTokenizer(recipe.model, execution.tokenizerPath ?? null);
    return undefined;
  } catch (error) {
    if (error instanceof OptionError) return error.message;
    throw error;
  }
}

/** One for each of the run's prompts. @throws OptionError where the run has no tokenizer, or no model of text */
export function* sampleRun(
  { recipe, execution }: RunConfig,
  state: RunState,
): Generator<SampleEvent, void, void> {
  const { model } = recipe;
  const tokenizer = runTokenizer(model, execution.tokenizerPath ?? null);
  if (!isLlama(model)) return;
  const parameters = new Parameters(model, state.parameters);
  const seed = recipe.seed + 1; // run.c's generator takes no 0
  for (const prompt of execution.samplePrompts ?? []) {
    const start = performance.now();
    const promptTokens = tokenizer.encode(prompt);
    const steps = Math.min(promptTokens.length - 1 + LENGTH, model.seqLen);
    const decoder = new Decoder(parameters, { maxSeqLen: steps });
    const sampling = { steps, temperature: TEMPERATURE, topP: TOP_P, seed };
    const text = [...generate({ decoder, promptTokens, ...sampling })];
    yield {
      type: "sample",
      step: state.step,
      prompt,
      text: tokenizer.decode([promptTokens[0]!, ...text]),
      tokens: Math.max(0, text.length - (promptTokens.length - 1)),
      temperature: TEMPERATURE,
      seed,
      ms: performance.now() - start,
    };
  }
}
