/** The loss on held-out text, in fp32 and without the device: what the parameters are worth. The same windows each time. */
import { evaluateLoss, Parameters } from "@ane/llama-model";
import type { EvaluationEvent } from "./events.js";
import { fileDigest } from "./file-digest.js";
import { openTokens } from "./input-files.js";
import type { Execution, LlamaRecipe } from "./run-config.js";
import type { RunState } from "./run-state.js";
import { textBytes } from "./run-tokenizer.js";

/** Nothing where the run has no validation file. @throws OptionError if the file is no longer usable. */
export function* evaluateLlama(
  recipe: LlamaRecipe,
  execution: Execution,
  state: RunState,
): Generator<EvaluationEvent, void, void> {
  if (execution.validationPath === null) return;
  const start = performance.now();
  using file = openTokens("validation", execution.validationPath, recipe.model, recipe.seq);
  const available = Math.floor((file.length - 1) / recipe.seq);
  const windows = Math.min(execution.evalWindows || available, available);
  const parameters = new Parameters(recipe.model, state.parameters);
  const { meanNll } = evaluateLoss(parameters, file.tokens, { seqLen: recipe.seq, windows });
  const data = fileDigest(file.path);
  const ms = performance.now() - start;
  const bytes = textBytes({ recipe, execution }, file.tokens.subarray(1, windows * recipe.seq + 1));
  yield {
    type: "evaluation",
    step: state.step,
    meanNll,
    windows,
    data,
    ms,
    ...(bytes && { bitsPerByte: (meanNll * windows * recipe.seq) / Math.LN2 / bytes }),
  };
}
