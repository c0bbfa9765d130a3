/**
 * One update: the gradients of `accum` micro-steps averaged and unscaled in fp32, clipped by their global norm, AdamW
 * (Loshchilov and Hutter 2019). Two passes: one reads the gradients, the other reads them again and updates parameters and
 * moments. The gradients stay; the next micro-step overwrites them. Weight decay is for matrices only. On the device the second
 * moment of the state is its root.
 */
import { adamW, sumOfSquares } from "@ane/accel-ops";
import type { Device } from "@ane/ane-runtime";
import { DeviceAdamW } from "./device-adam-w.js";
import { LossScale } from "./loss-scale.js";
import { arenaLayout } from "./model-record.js";
import type { Recipe } from "./run-config.js";
import type { RunState } from "./run-state.js";
import type { StepCounters } from "./step-counters.js";

/** Parameters that follow each other and are treated alike. */
interface Group {
  readonly start: number;
  readonly end: number;
  readonly decay: boolean;
}

export class Optimizer implements Disposable {
  readonly #recipe: Recipe;
  readonly #state: RunState;
  readonly #lossScale: LossScale;
  readonly #groups: readonly Group[];
  readonly #onDevice: DeviceAdamW | undefined;

  /** Reads nothing of the state yet. @param counters Of what crosses the device's boundary. */
  constructor(recipe: Recipe, state: RunState, device: Device, counters: StepCounters) {
    this.#recipe = recipe;
    this.#state = state;
    this.#lossScale = new LossScale(recipe, state);
    this.#groups = groupsOf(recipe);
    if (recipe.optimizer === "cpu") return;
    const { numerics: dtype, beta1, beta2, optimizer } = recipe;
    const pairs = optimizer === "device";
    const parameters = state.parameters.length;
    this.#onDevice = new DeviceAdamW({ device, counters, dtype, beta1, beta2, parameters, pairs });
  }

  /** Compilations that the next `prepare()` needs. */
  get compilationsNeeded(): number {
    return this.#onDevice?.compilationsNeeded ?? 0;
  }

  /** Due before the first update. @returns Kernels compiled. @throws CompileError, BudgetError */
  prepare(): number {
    return this.#onDevice?.prepare() ?? 0;
  }

  /** L2 norm of the averaged, unscaled gradient: not finite where fp16 overflowed or training diverged. */
  gradientNorm(): number {
    return Math.sqrt(sumOfSquares(this.#state.gradients)) * this.#unscale();
  }

  /**
   * Updates the parameters.
   * @param norm Of the gradients, from `gradientNorm()`.
   * @param learningRate Of this update.
   * @throws DivergedError where the device's halves overflow; EvaluationError
   */
  update(norm: number, learningRate: number): void {
    const { beta1, beta2, epsilon, weightDecay, clip } = this.#recipe;
    const state = this.#state;
    const clipping = clip > 0 && norm > clip ? clip / norm : 1;
    const gradientScale = this.#unscale() * clipping;
    const device = this.#onDevice;
    const momentScale = device?.momentScale(state.secondMoment, norm * clipping) ?? 1;
    state.updates += 1;
    for (const { start, end, decay } of this.#groups) {
      const part = (of: Float32Array) => of.subarray(start, end);
      const slices = {
        parameters: part(state.parameters),
        gradients: part(state.gradients),
        firstMoment: part(state.firstMoment),
      };
      const step = {
        learningRate,
        epsilon,
        weightDecay: decay ? weightDecay : 0,
        step: state.updates,
        gradientScale,
      };
      const second = part(state.secondMoment);
      if (device) device.update({ ...slices, rootMoment: second }, { ...step, momentScale });
      else adamW({ ...slices, secondMoment: second, ...step, beta1, beta2 });
    }
  }

  #unscale(): number {
    return 1 / (this.#lossScale.value * this.#recipe.accum);
  }

  [Symbol.dispose](): void {
    this.#onDevice?.[Symbol.dispose]();
  }
}

function groupsOf({ model, weightDecay }: Recipe): Group[] {
  const groups: Group[] = [];
  for (const { offset, length, decay: isMatrix } of arenaLayout(model).entries) {
    const decay = isMatrix && weightDecay > 0;
    const last = groups.at(-1);
    if (last?.decay === decay) groups[groups.length - 1] = { ...last, end: offset + length };
    else groups.push({ start: offset, end: offset + length, decay });
  }
  return groups;
}
