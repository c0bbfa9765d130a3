/**
 * One process's share of a run: made ready ahead of its turn, it opens the state (new, from a checkpoint, or handed over), then
 * micro-steps, checkpoints and events, until the run is complete, is to be interrupted, or the process has no compilations left.
 */
import { setImmediate } from "node:timers/promises";
import type { Device } from "@ane/ane-runtime";
import { Checkpoints } from "./checkpoints.js";
import { expectAlike } from "./distributed/expect-alike.js";
import { ALONE, type Peers, type Place } from "./distributed/peers.js";
import { rescue } from "./distributed/rescue.js";
import { OptionError } from "./errors.js";
import type {
  CheckpointEvent,
  EvaluationEvent,
  RefusedCheckpoint,
  RunEvent,
  TrainEvent,
} from "./events.js";
import { arenaLayout, isImageModel } from "./model-record.js";
import { openRunDevice } from "./open-run-device.js";
import { restoreState } from "./open-state.js";
import type { RunConfig } from "./run-config.js";
import type { RunRequest } from "./run-control.js";
import { runPaths } from "./run-directory.js";
import { isComplete, WorkTimer } from "./run-end.js";
import { RunState, type StateMemory } from "./run-state.js";
import { sampleRun } from "./sample-run.js";
import { SessionRequests } from "./session-requests.js";
import type { TrainableModel } from "./trainable-model.js";
import { Trainer } from "./trainer.js";

export interface SessionOptions {
  readonly directory: string;
  readonly config: RunConfig;
  /** Among the ranks of a distributed run. */
  readonly place?: Place | undefined;
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
  readonly #model: TrainableModel;
  readonly #peers: Peers;
  #isOpen = false;
  #firstStep = 0;
  #savedStep = 0;
  #evaluatedStep = 0;
  #refused: readonly RefusedCheckpoint[] = [];
  readonly #requests: SessionRequests;
  #isFinishing = false;

  /**
   * Makes ready what does not depend on the state, which may still be another process's.
   * @param memory Of the state; goes with the session.
   * @param model The recipe's.
   * @param peers The other ranks.
   * @throws OptionError, StateError, UnavailableError
   */
  constructor(options: SessionOptions, memory: StateMemory, model: TrainableModel, peers = ALONE) {
    const { directory, config } = options;
    const { recipe } = config;
    const paths = runPaths(directory);
    this.#options = options;
    this.#model = model;
    this.#requests = new SessionRequests(config, model);
    this.#peers = peers;
    this.#checkpoints = new Checkpoints(paths.checkpoints, config);
    try {
      this.#state = new RunState(memory, arenaLayout(recipe.model).total);
      this.#device = openRunDevice(config);
      this.#trainer = new Trainer(options, model, this.#state, this.#device, peers);
    } catch (error) {
      memory[Symbol.dispose]();
      throw error;
    }
  }

  /** Comes before everything below. @throws OptionError, CheckpointError, StateError */
  async open(start: SessionStart): Promise<void> {
    const leads = this.#peers.rank === 0;
    if (start === "takeUp") this.#state.takeUp();
    else if (leads) this.#restore();
    else this.#state.begin();
    if (start === "restore") await this.#peers.shareState();
    this.#firstStep = this.#state.step;
    const [savedStep] = await this.#peers.sum([leads ? this.#checkpoints.newestStep : 0]);
    this.#savedStep = savedStep!;
    this.#isOpen = true;
  }

  #restore(): void {
    this.#refused = restoreState(this.#state, this.#options.config, this.#checkpoints);
    if (this.#peers.size === 1 || !this.#trainer.midUpdate) return;
    throw new OptionError(
      "distributed",
      `ranks must begin between two updates, got a run that stands at micro-step ${this.#state.step}, in the middle of one. ` +
        "Finish the update with one process, with resume and steps.",
    );
  }

  /** What is known before the first micro-step. */
  describe(): RunEvent {
    const { directory, config } = this.#options;
    const { model, pipeline, seed, accum, data } = config.recipe;
    return {
      type: "run",
      directory,
      model: model.name,
      parameters: this.#state.parameters.length,
      pipeline,
      device: this.#device.description,
      seed,
      steps: config.execution.steps,
      minutes: config.execution.minutes,
      accum,
      ranks: this.#peers.size,
      trainTokens: data.tokens,
      ...(isImageModel(model) && { unit: "images" }),
      classes: this.#trainer.classes,
      resumedFrom: this.#firstStep,
      flopsPerStep: this.#model.flopsPerStep(this.#trainer.classes),
      refusedCheckpoints: this.#refused,
    };
  }

  /**
   * @param signal Ends the session after the current micro-step, with a checkpoint.
   * @throws DivergedError, CheckpointError, CompileError, EvaluationError
   */
  async *run(signal?: AbortSignal): AsyncGenerator<TrainEvent, SessionEnd, void> {
    const { config } = this.#options;
    const trainer = this.#trainer;
    const timer = new WorkTimer(this.#state);
    await setImmediate(); // an abort may be waiting already
    let reason = yield* this.#betweenSteps(timer, signal);
    while (reason === undefined) {
      if (trainer.compileDue) {
        if (!trainer.budgetSuffices) return this.#end("budgetSpent");
        yield trainer.compile();
      } else {
        yield await trainer.microStep();
        if (this.#isDue(config.execution.evalEvery)) yield* this.#evaluate();
        if (this.#isDue(config.execution.sampleEvery ?? 0)) yield* this.#sample();
      }
      await setImmediate(); // lets in an abort, or the news that nobody listens any more
      timer.lap();
      if (this.#isDue(config.execution.saveEvery)) yield* this.saveIfNew();
      reason = yield* this.#betweenSteps(timer, signal);
    }
    yield* this.saveIfNew();
    if (reason === "interrupted") return this.#end(reason);
    // Also where an earlier process did the last micro-step: it may have been killed before it had evaluated it.
    if (trainer.step > 0 && trainer.step !== this.#evaluatedStep) yield* this.#evaluate();
    return this.#end("completed");
  }

  /** Saves the state unless its checkpoint is there. @throws DivergedError, CheckpointError */
  async *saveIfNew(): AsyncGenerator<CheckpointEvent, void, void> {
    if (this.#trainer.step !== this.#savedStep) yield* this.#save();
  }

  /**
   * Saves the last complete update after the loss of another rank, unless one of the others has.
   * @param isSupervised Whether this rank's supervisor, which on rank 0 has the run's lock, still lives.
   * @throws CheckpointError, RunLockedError
   */
  async rescue(isSupervised: boolean): Promise<CheckpointEvent | undefined> {
    if (!this.#isOpen) return undefined;
    const start = performance.now();
    const { directory, config } = this.#options;
    const saved = await rescue({
      state: this.#state,
      accum: config.recipe.accum,
      checkpoints: this.#checkpoints,
      lock: isSupervised && this.#peers.rank === 0 ? undefined : runPaths(directory).lock,
    });
    if (!saved) return undefined;
    const { step } = this.#state;
    return { type: "checkpoint", kind: "last", step, ...saved, ms: performance.now() - start };
  }

  /** To be served between two micro-steps. Nothing that is served changes a loss. */
  request(request: RunRequest): void {
    this.#requests.add(request);
  }

  /** Serves what was asked for, and waits while the run is paused. @returns Why the run ends, if it does. */
  async *#betweenSteps(
    timer: WorkTimer,
    signal?: AbortSignal,
  ): AsyncGenerator<TrainEvent, "completed" | "interrupted" | undefined, void> {
    if (this.#trainer.step % this.#stride !== 0) return undefined;
    for (;;) {
      const { end, request } = await this.#agree(signal);
      if (end !== undefined) return end;
      if (request) yield* this.#serve(request, timer);
      else if (!this.#requests.isPaused) return undefined;
      else if (this.#peers.rank === 0) await this.#requests.arrival(signal);
    }
  }

  /**
   * What comes next, decided together, where there are others only between updates: rank 0's clock and requests count, and an
   * interruption of any.
   */
  async #agree(
    signal?: AbortSignal,
  ): Promise<{ end?: "completed" | "interrupted"; request?: RunRequest }> {
    const leads = this.#peers.rank === 0;
    const [completed, interrupted, code] = await this.#peers.sum([
      Number(leads && isComplete(this.#options.config, this.#state)),
      Number(signal?.aborted || this.#isFinishing),
      leads ? this.#requests.code : 0,
    ]);
    if (completed) return { end: "completed" };
    if (interrupted) return { end: "interrupted" };
    return code ? { request: this.#requests.take(code) } : {};
  }

  async *#serve(
    { id, action }: RunRequest,
    timer: WorkTimer,
  ): AsyncGenerator<TrainEvent, void, void> {
    const { step } = this.#trainer;
    const refused = this.#requests.refusal(action);
    yield { type: "request", step, id, action, ...(refused !== undefined && { refused }) };
    if (refused !== undefined) return;
    switch (action) {
      case "checkpoint":
        return yield* this.saveIfNew();
      case "evaluate":
        return yield* this.#evaluate();
      case "sample":
        return yield* this.#sample();
      case "finish":
        this.#isFinishing = true;
        return;
      case "pause":
        this.#requests.pause();
        yield { type: "pause", step };
        return;
      case "resume": {
        const ms = this.#requests.resume();
        timer.leaveOut(ms);
        yield { type: "resume", step, ms };
      }
    }
  }

  *#sample(): Generator<TrainEvent, void, void> {
    if (this.#peers.rank > 0) return;
    yield* sampleRun(this.#options.config, this.#model, this.#state);
  }

  /** Micro-steps between two points at which the run can be saved, evaluated or ended: with several ranks, updates. */
  get #stride(): number {
    return this.#peers.size === 1 ? 1 : this.#options.config.recipe.accum;
  }

  /** Whether a multiple of `every` micro-steps was reached since the point before. @param every 0 = never */
  #isDue(every: number): boolean {
    const { step } = this.#trainer;
    if (every === 0 || step % this.#stride !== 0) return false;
    return Math.floor(step / every) > Math.floor((step - this.#stride) / every);
  }

  *#evaluate(): Generator<TrainEvent, void, void> {
    if (this.#peers.rank > 0) return;
    const { config } = this.#options;
    for (const evaluation of this.#model.evaluate(config.execution, this.#state)) {
      yield evaluation;
      if (config.execution.evalEvery > 0) yield* this.saveIfBest(evaluation);
    }
    this.#evaluatedStep = this.#trainer.step;
  }

  /** Keeps the parameters if no others of the run had so low a loss over the same windows. @throws CheckpointError */
  *saveIfBest(evaluation: EvaluationEvent): Generator<CheckpointEvent, void, void> {
    const { step, meanNll, windows, data } = evaluation;
    const start = performance.now();
    const saved = this.#checkpoints.saveBest(this.#state, { meanNll, windows, data });
    if (!saved) return;
    yield { type: "checkpoint", kind: "best", step, ...saved, ms: performance.now() - start };
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

  async *#save(): AsyncGenerator<CheckpointEvent, void, void> {
    const start = performance.now();
    this.#trainer.expectFiniteGradients();
    await expectAlike(this.#peers, this.#state);
    this.#savedStep = this.#trainer.step;
    if (this.#peers.rank > 0) return;
    const { path, bytes } = this.#checkpoints.save(this.#state, this.#trainer.midUpdate);
    const ms = performance.now() - start;
    yield { type: "checkpoint", kind: "last", step: this.#trainer.step, path, bytes, ms };
  }

  #end(reason: SessionEnd["reason"]): SessionEnd {
    const { used, limit } = this.#device.budget;
    return { reason, step: this.#trainer.step, used, limit };
  }
}
