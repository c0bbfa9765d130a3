/**
 * Trains in this process: state, data, pipeline and optimizer of a run put together. One call is one micro-step; when its
 * update changes the parameters, the kernels must be compiled again before the next.
 */

import { allFinite } from "@ane/accel-ops";
import type { Device } from "@ane/ane-runtime";
import { CompactVocabulary } from "./compact-vocabulary.js";
import { DivergedError } from "./errors.js";
import type { CompileEvent, StepEvent } from "./events.js";
import { openPipeline } from "./open-pipeline.js";
import { Optimizer } from "./optimizer.js";
import type { Pipeline } from "./pipeline.js";
import type { Recipe, RunConfig } from "./run-config.js";
import type { RunState } from "./run-state.js";
import { StepClock } from "./step-clock.js";
import { TrainingData } from "./training-data.js";

/** Micro-steps before the end of an update in which a successor can be made ready: longer than it takes, soon enough not to be in the way. */
const SUCCESSOR_LEAD = 2;

export class Trainer implements Disposable {
  readonly #recipe: Recipe;
  readonly #state: RunState;
  readonly #device: Device;
  readonly #data: TrainingData;
  readonly #pipeline: Pipeline;
  readonly #optimizer: Optimizer;
  #kernelsMatchParameters = false;
  /** Token ids that the training loss distinguishes. */
  readonly classes: number;

  /** State and device stay the caller's to dispose, after the trainer. @throws OptionError if the data cannot be used */
  constructor(config: RunConfig, state: RunState, device: Device) {
    const { recipe } = config;
    this.#recipe = recipe;
    this.#state = state;
    this.#device = device;
    this.#data = new TrainingData(config);
    const vocabulary = recipe.compactVocab
      ? new CompactVocabulary(this.#data.tokens, recipe.model.vocabSize)
      : undefined;
    this.classes = vocabulary?.ids.length ?? recipe.model.vocabSize;
    this.#pipeline = openPipeline(device, recipe, state, vocabulary);
    this.#optimizer = new Optimizer(recipe, state);
  }

  /** Micro-steps done. */
  get step(): number {
    return this.#state.step;
  }

  /** True between the first and the last micro-step of an update: the gradients are part of the state then. */
  get midUpdate(): boolean {
    return this.#state.step % this.#recipe.accum !== 0;
  }

  /** True where `compile()` must come before the next micro-step. */
  get compileDue(): boolean {
    return !this.#kernelsMatchParameters;
  }

  /** Whether this process may still compile what the next update needs. */
  get budgetSuffices(): boolean {
    return this.#pipeline.compilationsNeeded <= this.#device.budget.remaining;
  }

  /**
   * True in the last micro-steps before an update whose kernels will not fit into this process any more.
   * @param steps Micro-steps of the run: its end needs no successor.
   */
  successorDue(steps: number): boolean {
    const { accum } = this.#recipe;
    const left = accum - (this.step % accum);
    const wanted = left <= SUCCESSOR_LEAD && this.step + left < steps;
    return wanted && this.#kernelsMatchParameters && !this.budgetSuffices;
  }

  /** Compiles the kernels with the present parameters. @throws CompileError, BudgetError */
  compile(): CompileEvent {
    const start = performance.now();
    const kernels = this.#pipeline.prepare();
    this.#pipeline.counters.take();
    this.#kernelsMatchParameters = true;
    const { used, limit } = this.#device.budget;
    const ms = performance.now() - start;
    return { type: "compile", step: this.step, kernels, ms, used, limit };
  }

  /**
   * Forward and backward of one sequence, and the update if it is the last of its `accum`.
   * @throws DivergedError if loss or gradient is not finite: the state is not to be saved then; EvaluationError
   */
  microStep(): StepEvent {
    const clock = new StepClock();
    const { tokens, targets } = this.#data.sequence(this.#state.step);
    clock.charge("data");
    const loss = this.#pipeline.microStep(tokens, targets, clock, this.midUpdate);
    const step = this.#state.step + 1;
    if (!Number.isFinite(loss)) throw this.#diverged(step, `a loss of ${loss}`);
    const update = step % this.#recipe.accum === 0 ? this.#update(step, loss, clock) : {};
    this.#state.step = step;
    const { ms, breakdown } = clock.finish();
    const { lr, seq } = this.#recipe;
    const counts = this.#pipeline.counters.take();
    return { type: "step", step, loss, lr, ms, tokens: seq, breakdown, counts, ...update };
  }

  /** Checks what a checkpoint in the middle of an update would save. @throws DivergedError */
  expectFiniteGradients(): void {
    if (this.midUpdate && !allFinite(this.#state.gradients)) {
      throw this.#diverged(this.step, "a gradient that is not finite");
    }
  }

  #update(step: number, loss: number, clock: StepClock): { gradNorm: number } {
    const gradNorm = this.#optimizer.gradientNorm();
    if (!Number.isFinite(gradNorm)) {
      throw this.#diverged(step, `a loss of ${loss} with a gradient norm of ${gradNorm}`);
    }
    this.#optimizer.update(gradNorm);
    clock.charge("optimizer");
    this.#kernelsMatchParameters = this.#pipeline.compilationsNeeded === 0;
    if (this.#kernelsMatchParameters) this.#pipeline.prepare();
    clock.charge("staging");
    return { gradNorm };
  }

  #diverged(step: number, actual: string): DivergedError {
    const { lr, lossScale } = this.#recipe;
    return new DivergedError(
      `micro-step ${step}: loss and gradient must stay finite, got ${actual}. The last checkpoint is from before: start a new run with ` +
        `a lower lr (now ${lr}) or, if the gradients overflow fp16, a lower lossScale (now ${lossScale}).`,
    );
  }

  [Symbol.dispose](): void {
    this.#pipeline[Symbol.dispose]();
    this.#data[Symbol.dispose]();
  }
}
