/** What is asked of a session: requests in their order, whether the run is paused, and what cannot be done. */
import { RUN_ACTIONS, type RunAction } from "./run-action.js";
import type { RunConfig } from "./run-config.js";
import type { RunRequest } from "./run-control.js";
import { samplingRefusal } from "./sample-run.js";
import type { TrainableModel } from "./trainable-model.js";

export class SessionRequests {
  readonly #config: RunConfig;
  readonly #model: TrainableModel;
  readonly #waiting: RunRequest[] = [];
  #wake: () => void = () => {};
  #pausedAt: number | undefined;

  constructor(config: RunConfig, model: TrainableModel) {
    this.#config = config;
    this.#model = model;
  }

  add(request: RunRequest): void {
    this.#waiting.push(request);
    this.#wake();
  }

  /** The next one's action as a number, 0 where there is none. */
  get code(): number {
    const [next] = this.#waiting;
    return next ? RUN_ACTIONS.indexOf(next.action) + 1 : 0;
  }

  /** The next one, here or on another rank. @param code Not 0 */
  take(code: number): RunRequest {
    return this.#waiting.shift() ?? { id: "", action: RUN_ACTIONS[code - 1]! };
  }

  /** Resolves when there is one, or at the signal. */
  async arrival(signal?: AbortSignal): Promise<void> {
    if (this.#waiting.length > 0 || signal?.aborted) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      signal?.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  get isPaused(): boolean {
    return this.#pausedAt !== undefined;
  }

  pause(): void {
    this.#pausedAt = performance.now();
  }

  /** @returns Length of the pause, milliseconds. */
  resume(): number {
    const ms = performance.now() - this.#pausedAt!;
    this.#pausedAt = undefined;
    return ms;
  }

  /** Reads as the reason why it cannot be done now. */
  refusal(action: RunAction): string | undefined {
    const { validationPath } = this.#config.execution;
    switch (action) {
      case "evaluate":
        return validationPath === null ? "there is no validation file" : undefined;
      case "sample":
        return samplingRefusal(this.#config, this.#model);
      case "pause":
        return this.isPaused ? "the run is paused already" : undefined;
      case "resume":
        return this.isPaused ? undefined : "the run is not paused";
      default:
        return undefined;
    }
  }
}
