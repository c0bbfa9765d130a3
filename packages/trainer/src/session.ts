/**
 * One process's share of a run: made ready ahead of its turn, it opens the state (new, from a checkpoint, or handed over), then
 * micro-steps, checkpoints and events, until the run is complete, is to be interrupted, or the process has no compilations left.
 */
import { setImmediate } from "node:timers/promises";
import type { Device } from "@ane/ane-runtime";
import { parameterLayout } from "@ane/llama-model";
import { Checkpoints } from "./checkpoints.js";
import { evaluateRun } from "./evaluate-run.js";
import type { CheckpointEvent, RefusedCheckpoint, RunEvent, TrainEvent } from "./events.js";
import { flopsPerStep } from "./flops.js";
import { openRunDevice } from "./open-run-device.js";
import { restoreState } from "./open-state.js";
import { type RunConfig, recipeDigest } from "./run-config.js";
import { runPaths } from "./run-directory.js";
import { RunState, type StateMemory } from "./run-state.js";
import { Trainer } from "./trainer.js";

export interface SessionOptions {
  readonly directory: string;
  readonly config: RunConfig;
}

/** "takeUp" goes on with the state that another process handed over; "restore" with the newest intact checkpoint. */
export type SessionStart = "restore" | "takeUp";

export interface SessionEnd {
  readonly reason: "completed" | "interrupted" | "budgetSpent";
  readonly step: number;
  /** Compilations used by this process, and its limit. */
  readonly used: number;
  readonly limit: number;
}

export class Session implements Disposable {
  readonly #options: SessionOptions;
  readonly #checkpoints: Checkpoints;
  readonly #state: RunState;
  readonly #device: Device;
  readonly #trainer: Trainer;
  #firstStep = 0;
  #refused: readonly RefusedCheckpoint[] = [];

  /**
   * Makes ready what does not depend on the state, which may still be another process's.
   * @param memory Of the state; goes with the session.
   * @throws OptionError, StateError, UnavailableError
   */
  constructor(options: SessionOptions, memory: StateMemory) {
    const { directory, config } = options;
    const { recipe } = config;
    const paths = runPaths(directory);
    this.#options = options;
    this.#checkpoints = new Checkpoints(paths.checkpoints, recipe.model, recipeDigest(recipe));
    try {
      this.#state = new RunState(memory, parameterLayout(recipe.model).total);
      this.#device = openRunDevice(config);
      this.#trainer = new Trainer(config, this.#state, this.#device);
    } catch (error) {
      memory[Symbol.dispose]();
      throw error;
    }
  }

  /** Comes before everything below. @throws OptionError, CheckpointError, StateError */
  open(start: SessionStart): void {
    if (start === "takeUp") this.#state.takeUp();
    else this.#refused = restoreState(this.#state, this.#options.config, this.#checkpoints);
    this.#firstStep = this.#state.step;
  }

  /** What is known before the first micro-step. */
  describe(): RunEvent {
    const { directory, config } = this.#options;
    const { model, pipeline, seed, accum, data, seq } = config.recipe;
    return {
      type: "run",
      directory,
      model: model.name,
      parameters: this.#state.parameters.length,
      pipeline,
      device: this.#device.description,
      seed,
      steps: config.execution.steps,
      accum,
      trainTokens: data.tokens,
      classes: this.#trainer.classes,
      resumedFrom: this.#firstStep,
      flopsPerStep: flopsPerStep(model, seq, this.#trainer.classes),
      refusedCheckpoints: this.#refused,
    };
  }

  /**
   * @param signal Ends the session after the current micro-step, with a checkpoint.
   * @throws DivergedError, CheckpointError, CompileError, EvaluationError
   */
  async *run(signal?: AbortSignal): AsyncGenerator<TrainEvent, SessionEnd, void> {
    const { steps, saveEvery } = this.#options.config.execution;
    const trainer = this.#trainer;
    await setImmediate(); // an abort may be waiting already
    while (trainer.step < steps && !signal?.aborted) {
      if (trainer.compileDue) {
        if (!trainer.budgetSuffices) return this.#end("budgetSpent");
        yield trainer.compile();
      } else {
        yield trainer.microStep();
      }
      await setImmediate(); // lets in an abort, or the news that nobody listens any more
      if (this.#saveDue(saveEvery)) yield this.#save();
    }
    yield* this.saveIfNew();
    if (trainer.step < steps) return this.#end("interrupted");
    if (trainer.step > this.#firstStep) yield* evaluateRun(this.#options.config, this.#state);
    return this.#end("completed");
  }

  /** Saves the state unless its checkpoint is there. @throws DivergedError, CheckpointError */
  *saveIfNew(): Generator<CheckpointEvent, void, void> {
    if (this.#trainer.step !== this.#checkpoints.newestStep) yield this.#save();
  }

  /** True when another process will soon have to take up the state: it should be prepared. */
  get successorDue(): boolean {
    return this.#trainer.successorDue(this.#options.config.execution.steps);
  }

  /** Leaves the state to the next process: only `dispose` may follow. */
  handOver(): void {
    this.#state.handOver();
  }

  [Symbol.dispose](): void {
    this.#trainer[Symbol.dispose]();
    this.#device.dispose();
    this.#state[Symbol.dispose]();
  }

  #saveDue(saveEvery: number): boolean {
    const { step } = this.#trainer;
    return saveEvery > 0 && step % saveEvery === 0 && step !== this.#checkpoints.newestStep;
  }

  #save(): CheckpointEvent {
    const start = performance.now();
    this.#trainer.expectFiniteGradients();
    const { path, bytes } = this.#checkpoints.save(this.#state, this.#trainer.midUpdate);
    const ms = performance.now() - start;
    return { type: "checkpoint", step: this.#trainer.step, path, bytes, ms };
  }

  #end(reason: SessionEnd["reason"]): SessionEnd {
    const { used, limit } = this.#device.budget;
    return { reason, step: this.#trainer.step, used, limit };
  }
}
