/**
 * Text from the parameters as they are in memory, in fp32 and without the device. Prompts, seed and temperature never change
 * within a run, so that its samples show what it has learned.
 */
import { OptionError } from "./errors.js";
import type { SampleEvent } from "./events.js";
import type { RunConfig } from "./run-config.js";
import type { RunState } from "./run-state.js";
import { runTokenizer } from "./run-tokenizer.js";
import type { TrainableModel } from "./trainable-model.js";

/** Tokens that are chosen after the prompt, at most. */
const LENGTH = 96;
const TEMPERATURE = 0.8;
const TOP_P = 0.9;

/** Why the run cannot write samples; undefined where it can. */
export function samplingRefusal(
  { recipe, execution }: RunConfig,
  trainable: TrainableModel,
): string | undefined {
  const refusal = trainable.textRefusal();
  if (refusal !== undefined) return refusal;
  try {
    runTokenizer(recipe.model, execution.tokenizerPath ?? null);
    return undefined;
  } catch (error) {
    if (error instanceof OptionError) return error.message;
    throw error;
  }
}

/** One for each of the run's prompts. @throws OptionError where the run has no tokenizer */
export function* sampleRun(
  { recipe, execution }: RunConfig,
  trainable: TrainableModel,
  state: RunState,
): Generator<SampleEvent, void, void> {
  const { model } = recipe;
  const tokenizer = runTokenizer(model, execution.tokenizerPath ?? null);
  const seed = recipe.seed + 1; // run.c's generator takes no 0
  for (const prompt of execution.samplePrompts ?? []) {
    const start = performance.now();
    const promptTokens = tokenizer.encode(prompt);
    const steps = Math.min(promptTokens.length - 1 + LENGTH, model.seqLen);
    const sampling = { steps, temperature: TEMPERATURE, topP: TOP_P, seed };
    const text = [...trainable.write(state, { promptTokens, ...sampling })];
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
