/** The loss on held-out text at the end of a run, in fp32 and without the device: what the parameters are worth. */
import { evaluateLoss, Parameters } from "@ane/llama-model";
import type { EvaluationEvent } from "./events.js";
import { openTokens } from "./input-files.js";
import type { RunConfig } from "./run-config.js";
import type { RunState } from "./run-state.js";

/** Windows from the start of the file: enough for a mean that can be compared, few enough to wait for. */
const MAX_WINDOWS = 32;

/** Nothing where the run has no validation file. @throws OptionError if the file is no longer usable. */
export function* evaluateRun(
  { recipe, execution }: RunConfig,
  state: RunState,
): Generator<EvaluationEvent, void, void> {
  if (execution.validationPath === null) return;
  const start = performance.now();
  using file = openTokens("validation", execution.validationPath, recipe.model, recipe.seq);
  const windows = Math.min(MAX_WINDOWS, Math.floor((file.length - 1) / recipe.seq));
  const parameters = new Parameters(recipe.model, state.parameters);
  const { meanNll } = evaluateLoss(parameters, file.tokens, { seqLen: recipe.seq, windows });
  const ms = performance.now() - start;
  yield { type: "evaluation", step: state.step, meanNll, windows, ms };
}
