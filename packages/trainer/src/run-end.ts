/** When a run is complete: its micro-steps are done, or the time that it may take is up. */
import type { RunConfig } from "./run-config.js";
import type { RunState } from "./run-state.js";

/** Place in the state's counters: milliseconds that the run has been worked on, by all its processes. */
const WORKED_MS = 3;
const MS_PER_MINUTE = 60_000;

export function isComplete({ execution }: RunConfig, state: RunState): boolean {
  const { steps, minutes } = execution;
  const timeIsUp = minutes > 0 && state.counters[WORKED_MS]! >= minutes * MS_PER_MINUTE;
  return state.step >= steps || timeIsUp;
}

/** Adds the time that passes to the state's, by a clock that never jumps. */
export class WorkTimer {
  readonly #state: RunState;
  #last = performance.now();

  constructor(state: RunState) {
    this.#state = state;
  }

  /** Adds what has passed since the last lap, or since the timer was made. */
  lap(): void {
    const now = performance.now();
    this.#state.counters[WORKED_MS]! += now - this.#last;
    this.#last = now;
  }
}
