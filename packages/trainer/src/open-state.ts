/** The state that a process begins with: handed over by another process, from the newest checkpoint, or new. */
import { initializeParameters, Parameters, parameterLayout } from "@ane/llama-model";
import type { Checkpoints } from "./checkpoints.js";
import { OptionError } from "./errors.js";
import type { RefusedCheckpoint } from "./events.js";
import { readInitParameters } from "./init-file.js";
import { type RunConfig, recipeDigest } from "./run-config.js";
import { RunState } from "./state-file.js";

export interface OpenedState {
  readonly state: RunState;
  readonly refused: readonly RefusedCheckpoint[];
}

/** @throws StateError */
export function takeUpState(path: string, { recipe }: RunConfig): RunState {
  return RunState.takeUp(path, parameterLayout(recipe.model).total, recipeDigest(recipe));
}

/** @throws CheckpointError, OptionError */
export function restoreState(
  path: string,
  config: RunConfig,
  checkpoints: Checkpoints,
): OpenedState {
  const { recipe, execution } = config;
  const { total } = parameterLayout(recipe.model);
  const state = RunState.create(path, total, recipeDigest(recipe));
  try {
    const { step, refused } = checkpoints.restore(state);
    if (step === 0) initialize(state, config);
    expectStepsLeft(execution.steps, step);
    return { state, refused };
  } catch (error) {
    state.dispose();
    throw error;
  }
}

function initialize(state: RunState, { recipe, execution }: RunConfig): void {
  if (recipe.init === null) {
    initializeParameters(new Parameters(recipe.model, state.parameters), recipe.seed);
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
