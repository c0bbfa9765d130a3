/** What runs a micro-step: how the kernels get their weights is the pipeline's affair. */
import type { CompleteGradients } from "./distributed/gradient-exchange.js";
import type { NumericWatch } from "./numeric-watch.js";
import type { StepClock } from "./step-clock.js";
import type { StepCounters } from "./step-counters.js";
import type { UnderflowMeter } from "./underflow-meter.js";

export type Tokens = Uint16Array | Uint32Array;

/** What a model is given: token ids, or numbers in the shape of its input. */
export type Inputs = Tokens | Float32Array;

export interface Pipeline extends Disposable {
  /** What its micro-steps cost. */
  readonly counters: StepCounters;
  /** Sees the kernels' surfaces when something is done under watch. */
  readonly watch: NumericWatch;
  /** What its micro-steps lost. */
  readonly underflow: UnderflowMeter;
  /** Compilations that the next `prepare()` needs. */
  readonly compilationsNeeded: number;
  /**
   * Makes the kernels compute with the present parameters: due at first and after every update.
   * @returns Kernels compiled.
   * @throws CompileError, BudgetError
   */
  prepare(): number;
  /**
   * Adds the gradients of one example, times the recipe's lossScale, to the state's.
   * @param inputs Token ids [S], or numbers.
   * @param targets [S]: the next tokens; or labels.
   * @param accumulate False in the first micro-step of an update, whose gradients take the place of the state's.
   * @param complete Told of gradients as soon as they are complete.
   * @returns Mean loss, nats per target.
   * @throws EvaluationError
   */
  microStep(
    inputs: Inputs,
    targets: Tokens,
    clock: StepClock,
    accumulate: boolean,
    complete?: CompleteGradients,
  ): number;
}
