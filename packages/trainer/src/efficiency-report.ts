/** Adds up the events of one invocation, all its processes included. */
import type { EfficiencyReport, TrainEvent } from "./events.js";
import { type BreakdownPart, emptyBreakdown } from "./step-clock.js";

export class ReportBuilder {
  readonly #start = performance.now();
  readonly #stepMs: number[] = [];
  readonly #breakdown = emptyBreakdown();
  #flopsPerStep = 0;
  #ranks = 1;
  #updates = 0;
  #tokens = 0;
  #compileMs = 0;
  #restarts = 0;
  #restartMs = 0;
  #checkpointMs = 0;

  add(event: TrainEvent): void {
    switch (event.type) {
      case "run":
        this.#flopsPerStep = event.flopsPerStep;
        this.#ranks = event.ranks;
        break;
      case "step":
        this.#stepMs.push(event.ms);
        this.#tokens += event.tokens;
        if (event.gradNorm !== undefined) this.#updates += 1;
        for (const [part, ms] of Object.entries(event.breakdown)) {
          this.#breakdown[part as BreakdownPart] += ms;
        }
        break;
      case "compile":
        this.#compileMs += event.ms;
        break;
      case "restart":
        this.#restarts += 1;
        this.#restartMs += event.ms;
        break;
      case "checkpoint":
        this.#checkpointMs += event.ms;
        break;
    }
  }

  build(): EfficiencyReport {
    const steps = this.#stepMs.length;
    const trainMs = this.#stepMs.reduce((sum, ms) => sum + ms, 0);
    return {
      steps,
      updates: this.#updates,
      tokens: this.#tokens,
      wallMs: performance.now() - this.#start,
      compileMs: this.#compileMs,
      trainMs,
      restarts: this.#restarts,
      restartMs: this.#restartMs,
      checkpointMs: this.#checkpointMs,
      msPerStep: median(this.#stepMs),
      tflops:
        trainMs > 0 ? (steps * this.#ranks * this.#flopsPerStep) / (trainMs / 1000) / 1e12 : 0,
      breakdown: { ...this.#breakdown },
    };
  }
}

/** 0 of nothing. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
}
