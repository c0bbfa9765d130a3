/** When a run is complete: its micro-steps are done, or the time that it may take is up. */
import type { RunConfig } from "./run-config.js";
import { COUNTER, type RunState } from "./run-state.js";

const MS_PER_MINUTE = 60_000;

export function isComplete({ execution }: RunConfig, state: RunState): boolean {
  const { steps, minutes } = execution;
  const timeIsUp = minutes > 0 && state.counters[COUNTER.workedMs]! >= minutes * MS_PER_MINUTE;
  return state.step >= steps || timeIsUp;
}

/** Adds the time that passes to the milliseconds that all processes of the run have worked, by a clock that never jumps. */
export class WorkTimer {
  readonly #state: RunState;
  #last = performance.now();

  constructor(state: RunState) {
    this.#state = state;
  }

  /** Time in which the run was paused: the next lap does not add it. */
  leaveOut(ms: number): void {
    this.#last += ms;
  }

  /** Adds what has passed since the last lap, or since the timer was made. */
  lap(): void {
    const now = performance.now();
    this.#state.counters[COUNTER.workedMs]! += now - this.#last;
    this.#last = now;
  }
}
