/**
 * The factor that lifts the gradients above what fp16 flushes to zero: dlogits are multiplied by it before the backward
 * kernels, the summed gradients divided in fp32. A fixed number, or dynamic (Micikevicius et al. 2018, "Mixed Precision
 * Training", section 3.2): part of the state, changed between updates alone, so that a resumed run goes on with it. Powers of two: no rounding.
 */
import { OptionError } from "./errors.js";
import type { TrainOptions } from "./options.js";
import type { Recipe } from "./run-config.js";
import { COUNTER, type RunState } from "./run-state.js";

export const DEFAULT_LOSS_SCALE = 256;

/**
 * Of dynamic scaling: where it starts, and between what it stays. Its start is below what overflows: with 2^16, stories15m skips
 * updates within its first hundred, which show in its loss.
 */
const START = 2 ** 12;
const SMALLEST = 1;
const LARGEST = 2 ** 24;
/** Good updates in a row after which a larger scale is tried. */
const GROWTH_INTERVAL = 2000;

/** @throws OptionError */
export function expectLossScale({ lossScale }: TrainOptions): void {
  const value: unknown = lossScale;
  if (value === undefined || value === "dynamic") return;
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return;
  throw new OptionError(
    "lossScale",
    `must be "dynamic" or a finite number above 0, got ${String(value)}. ${DEFAULT_LOSS_SCALE} is the default, 1 no scaling.`,
  );
}

export class LossScale {
  readonly #fixed: number | undefined;
  readonly #state: RunState;

  /** Reads nothing of the state yet: it may still be another process's. */
  constructor({ lossScale }: Pick<Recipe, "lossScale">, state: RunState) {
    this.#fixed = lossScale === "dynamic" ? undefined : lossScale;
    this.#state = state;
  }

  /** Of the present update. */
  get value(): number {
    return this.#fixed ?? (this.#state.counters[COUNTER.lossScale]! || START);
  }

  /** Updates that were skipped, in all of the run. */
  get skipped(): number {
    return this.#state.counters[COUNTER.skippedUpdates]!;
  }

  /** Whether a smaller scale could help an update whose gradients overflowed. */
  get canShrink(): boolean {
    return this.#fixed === undefined && this.value > SMALLEST;
  }

  /** The update's gradients overflowed: it is skipped, the next one has half the scale. */
  overflowed(): void {
    const { counters } = this.#state;
    counters[COUNTER.lossScale] = this.value / 2;
    counters[COUNTER.goodUpdates] = 0;
    counters[COUNTER.skippedUpdates]! += 1;
  }

  /** The update was made. */
  succeeded(): void {
    if (this.#fixed !== undefined) return;
    const { counters } = this.#state;
    counters[COUNTER.goodUpdates]! += 1;
    if (counters[COUNTER.goodUpdates]! < GROWTH_INTERVAL) return;
    counters[COUNTER.lossScale] = Math.min(LARGEST, this.value * 2);
    counters[COUNTER.goodUpdates] = 0;
  }
}
