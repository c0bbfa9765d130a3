/** Divides the wall-clock time of a micro-step into the parts of a Breakdown: what passed since the last charge goes to one part. */
import type { Breakdown } from "./events.js";

export type BreakdownPart = keyof Breakdown;

export function emptyBreakdown(): Record<BreakdownPart, number> {
  return {
    data: 0,
    device: 0,
    conversion: 0,
    classifier: 0,
    loss: 0,
    weightGradient: 0,
    elementwise: 0,
    optimizer: 0,
    exchange: 0,
    staging: 0,
    other: 0,
  };
}

export class StepClock {
  readonly #parts = emptyBreakdown();
  readonly #start = performance.now();
  #last = this.#start;

  /** Books the time since the last charge (or the start) as `part`. */
  charge(part: BreakdownPart): void {
    const now = performance.now();
    this.#parts[part] += now - this.#last;
    this.#last = now;
  }

  /** Books the rest as `other`: the parts add up to `ms`. */
  finish(): { ms: number; breakdown: Breakdown } {
    this.charge("other");
    return { ms: this.#last - this.#start, breakdown: this.#parts };
  }
}
