/** What a state begins with where no other process hands one over: the newest checkpoint, or new parameters. */
import type { Checkpoints } from "./checkpoints.js";
import { drawParameters } from "./draw-parameters.js";
import { OptionError } from "./errors.js";
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
  expectStepsLeft(config.execution.steps, step);
  return refused;
}

function initialize(state: RunState, { recipe, execution }: RunConfig): void {
  if (recipe.init === null) {
    drawParameters(recipe.model, state.parameters, recipe.seed);
  } else {
    readInitParameters(execution.initPath!, recipe.init.sha256, state.parameters);
  }
}

function expectStepsLeft(steps: number, done: number): void {
  if (steps < done) {
    throw new OptionError(
      "steps",
      `must be at least the ${done} micro-steps that the run has done, got ${steps}. Steps count from the start of the run.`,
    );
  }
}
