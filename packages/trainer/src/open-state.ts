/** What a state begins with where no other process hands one over: the newest checkpoint, or new parameters. */
import type { Checkpoints } from "./checkpoints.js";
import { drawParameters } from "./draw-parameters.js";
import type { RefusedCheckpoint } from "./events.js";
import { readInitParameters } from "./init-file.js";
import type { RunConfig } from "./run-config.js";
import type { RunState } from "./run-state.js";

/**
 * @returns Checkpoints that could not be used.
 * @throws CheckpointError, OptionError
 */
export function restoreState(
  state: RunState,
  config: RunConfig,
  checkpoints: Checkpoints,
): readonly RefusedCheckpoint[] {
  state.begin();
  const { step, refused } = checkpoints.restore(state);
  if (step === 0) initialize(state, config);
  return refused;
}

function initialize(state: RunState, { recipe, execution }: RunConfig): void {
  if (recipe.init === null) {
    drawParameters(recipe.model, state.parameters, recipe.seed);
  } else {
    readInitParameters(execution.initPath!, recipe.init.sha256, state.parameters);
  }
}
