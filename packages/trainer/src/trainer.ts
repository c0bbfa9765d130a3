/**
 * Trains in this process: state, data, pipeline and optimizer of a run put together. One call is one micro-step; when its
 * update changes the parameters, the kernels must be compiled again before the next.
 */

import { allFinite } from "@ane/accel-ops";
import type { Device } from "@ane/ane-runtime";
import { CompactVocabulary } from "./compact-vocabulary.js";
import { GradientExchange } from "./distributed/gradient-exchange.js";
import type { Peers } from "./distributed/peers.js";
import { DivergedError } from "./errors.js";
import type { CompileEvent, StepEvent, UpdateTelemetry } from "./events.js";
import { explainDivergence } from "./explain-divergence.js";
import { LossScale } from "./loss-scale.js";
import { classCount } from "./model-record.js";
import { Optimizer } from "./optimizer.js";
import type { Pipeline } from "./pipeline.js";
import type { Recipe, RunConfig } from "./run-config.js";
import { runPaths } from "./run-directory.js";
import type { RunState } from "./run-state.js";
import { learningRate } from "./schedule.js";
import { StepClock } from "./step-clock.js";
import type { TrainableModel } from "./trainable-model.js";
import { openTrainingData, type TrainingData } from "./training-data.js";

/** Micro-steps before the end of an update in which a successor can be made ready: longer than it takes, soon enough not to be in the way. */
const SUCCESSOR_LEAD = 2;

/** A run and where it lies. */
export interface RunPlace {
  readonly directory: string;
  readonly config: RunConfig;
}

export class Trainer implements Disposable {
  readonly #recipe: Recipe;
  readonly #state: RunState;
  readonly #device: Device;
  readonly #data: TrainingData;
  readonly #pipeline: Pipeline;
  readonly #optimizer: Optimizer;
  readonly #lossScale: LossScale;
  readonly #dumps: string;
  readonly #peers: Peers;
  readonly #exchange: GradientExchange;
  #kernelsMatchParameters = false;
  /** Token ids, or labels, that the training loss distinguishes. */
  readonly classes: number;

  /** State and device stay the caller's to dispose, after the trainer. @throws OptionError if the data cannot be used */
  constructor(
    { directory, config }: RunPlace,
    model: TrainableModel,
    state: RunState,
    device: Device,
    peers: Peers,
  ) {
    const { recipe } = config;
    this.#dumps = runPaths(directory).dumps;
    this.#recipe = recipe;
    this.#state = state;
    this.#device = device;
    this.#data = openTrainingData(config);
    const classes = classCount(recipe.model);
    const vocabulary =
      recipe.compactVocab && this.#data.tokens
        ? new CompactVocabulary(this.#data.tokens, classes)
        : undefined;
    this.classes = vocabulary?.ids.length ?? classes;
    this.#pipeline = model.openPipeline(device, state, vocabulary);
    this.#optimizer = new Optimizer(recipe, state, device, this.#pipeline.counters);
    this.#lossScale = new LossScale(recipe, state);
    this.#peers = peers;
    this.#exchange = new GradientExchange(peers, recipe.model);
  }

  /** Micro-steps done, by all ranks together. */
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
    const needed = this.#pipeline.compilationsNeeded + this.#optimizer.compilationsNeeded;
    return needed <= this.#device.budget.remaining;
  }

  /**
   * True in the last micro-steps before an update whose kernels will not fit into this process any more.
   * @param steps Micro-steps of the run: its end needs no successor.
   */
  successorDue(steps: number): boolean {
    const { accum } = this.#recipe;
    const left = accum - (this.step % accum);
    const wanted = left <= SUCCESSOR_LEAD * this.#peers.size && this.step + left < steps;
    return wanted && this.#kernelsMatchParameters && !this.budgetSuffices;
  }

  /** Compiles the kernels with the present parameters. @throws CompileError, BudgetError */
  compile(): CompileEvent {
    const start = performance.now();
    const kernels = this.#pipeline.prepare() + this.#optimizer.prepare();
    this.#pipeline.counters.take();
    this.#kernelsMatchParameters = true;
    const { used, limit } = this.#device.budget;
    const ms = performance.now() - start;
    return { type: "compile", step: this.step, kernels, ms, used, limit };
  }

  /**
   * Forward and backward of one example on every rank, and the update if they are the last of its `accum`. Micro-steps are dealt
   * out in turn, so that an update has the sequences that one rank would give it. Loss and gradients are the same on all ranks
   * once they are added up, and so is everything that is decided by them.
   * @throws DivergedError if loss or gradient is not finite: the state is not to be saved then; EvaluationError
   */
  async microStep(): Promise<StepEvent> {
    const clock = new StepClock();
    const { rank, size } = this.#peers;
    const { inputs, targets } = this.#data.example(this.#state.step + rank);
    clock.charge("data");
    const step = this.#state.step + size;
    const endsUpdate = step % this.#recipe.accum === 0;
    const exchange = endsUpdate ? this.#exchange : undefined;
    const own = this.#pipeline.microStep(inputs, targets, clock, this.midUpdate, exchange);
    const [losses] = await this.#peers.sum([own]);
    await this.#peers.settled();
    clock.charge("exchange");
    const loss = losses! / size;
    if (!Number.isFinite(loss)) {
      throw this.#diverged(`a loss of ${loss}`, this.#state.step, step);
    }
    const update = endsUpdate ? this.#update(step, loss, clock) : {};
    this.#state.step = step;
    const { ms, breakdown } = clock.finish();
    const { seq } = this.#recipe;
    const lr = this.#learningRate(step);
    const counts = this.#pipeline.counters.take();
    return { type: "step", step, loss, lr, ms, tokens: seq * size, breakdown, counts, ...update };
  }

  /** Checks what a checkpoint in the middle of an update would save. @throws DivergedError */
  expectFiniteGradients(): void {
    if (this.midUpdate && !this.#lossScale.canShrink && !allFinite(this.#state.gradients)) {
      const begun = this.step - (this.step % this.#recipe.accum);
      throw this.#diverged("a gradient that is not finite", begun, this.step);
    }
  }

  #update(step: number, loss: number, clock: StepClock): UpdateTelemetry {
    const lossScale = this.#lossScale.value;
    const underflow = this.#pipeline.underflow.take();
    const gradNorm = this.#optimizer.gradientNorm();
    if (!Number.isFinite(gradNorm)) {
      if (!this.#lossScale.canShrink) {
        const actual = `a loss of ${loss} with a gradient norm of ${gradNorm}`;
        throw this.#diverged(actual, step - this.#recipe.accum, step);
      }
      this.#lossScale.overflowed();
      clock.charge("optimizer");
      return { lossScale, underflow, skippedUpdates: this.#lossScale.skipped };
    }
    this.#optimizer.update(gradNorm, this.#learningRate(step));
    this.#lossScale.succeeded();
    clock.charge("optimizer");
    this.#kernelsMatchParameters = this.#pipeline.compilationsNeeded === 0;
    if (this.#kernelsMatchParameters) this.#pipeline.prepare();
    clock.charge("staging");
    return { gradNorm, lossScale, underflow, skippedUpdates: this.#lossScale.skipped };
  }

  /** @param step Any micro-step of the update, from 1. */
  #learningRate(step: number): number {
    return learningRate(this.#recipe, Math.ceil(step / this.#recipe.accum));
  }

  /** @param from Micro-steps done before those in question. @param step Micro-steps done with them. */
  #diverged(actual: string, from: number, step: number): DivergedError {
    const { rank, size } = this.#peers;
    const lossScale = this.#lossScale.value;
    const lr = this.#learningRate(step);
    const indices = [];
    for (let index = from + rank; index < step; index += size) indices.push(index);
    const explanation = explainDivergence({
      pipeline: this.#pipeline,
      data: this.#data,
      recipe: this.#recipe,
      state: this.#state,
      lossScale,
      indices,
      dumps: this.#dumps,
    });
    return new DivergedError(
      `micro-step ${step}: loss and gradient must stay finite, got ${actual}. ${explanation} The last checkpoint is from before: start a new ` +
        `run with a lower lr (now ${lr}) or, if the gradients overflow fp16, a lower lossScale (now ${lossScale}) or a dynamic one.`,
    );
  }

  [Symbol.dispose](): void {
    this.#optimizer[Symbol.dispose]();
    this.#pipeline[Symbol.dispose]();
    this.#data[Symbol.dispose]();
  }
}
