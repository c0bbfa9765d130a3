/**
 * One update: the gradients of `accum` micro-steps averaged and unscaled in fp32, clipped by their global norm, AdamW
 * (Loshchilov and Hutter 2019). Two passes: one reads the gradients, the other reads them again and updates parameters and
 * moments. The gradients stay; the next micro-step overwrites them. Weight decay is for matrices only.
 */
import { adamW, sumOfSquares } from "@ane/accel-ops";
import { parameterLayout } from "@ane/llama-model";
import { LossScale } from "./loss-scale.js";
import type { Recipe } from "./run-config.js";
import type { RunState } from "./run-state.js";

/** Parameters that follow each other and are treated alike. */
interface Group {
  readonly start: number;
  readonly end: number;
  readonly decay: boolean;
}

export class Optimizer {
  readonly #recipe: Recipe;
  readonly #state: RunState;
  readonly #lossScale: LossScale;
  readonly #groups: readonly Group[];

  constructor(recipe: Recipe, state: RunState) {
    this.#recipe = recipe;
    this.#state = state;
    this.#lossScale = new LossScale(recipe, state);
    this.#groups = groupsOf(recipe);
  }

  /** L2 norm of the averaged, unscaled gradient: not finite where fp16 overflowed or training diverged. */
  gradientNorm(): number {
    return Math.sqrt(sumOfSquares(this.#state.gradients)) * this.#unscale();
  }

  /** Updates the parameters. @param norm Their norm, from `gradientNorm()`. @param learningRate Of this update. */
  update(norm: number, learningRate: number): void {
    const { beta1, beta2, epsilon, weightDecay, clip } = this.#recipe;
    const state = this.#state;
    const clipping = clip > 0 && norm > clip ? clip / norm : 1;
    state.updates += 1;
    for (const { start, end, decay } of this.#groups) {
      adamW({
        parameters: state.parameters.subarray(start, end),
        gradients: state.gradients.subarray(start, end),
        firstMoment: state.firstMoment.subarray(start, end),
        secondMoment: state.secondMoment.subarray(start, end),
        learningRate,
        beta1,
        beta2,
        epsilon,
        weightDecay: decay ? weightDecay : 0,
        step: state.updates,
        gradientScale: this.#unscale() * clipping,
      });
    }
  }

  #unscale(): number {
    return 1 / (this.#lossScale.value * this.#recipe.accum);
  }
}

function groupsOf({ model, weightDecay }: Recipe): Group[] {
  const groups: Group[] = [];
  for (const { offset, length, decay: isMatrix } of parameterLayout(model).entries) {
    const decay = isMatrix && weightDecay > 0;
    const last = groups.at(-1);
    if (last?.decay === decay) groups[groups.length - 1] = { ...last, end: offset + length };
    else groups.push({ start: offset, end: offset + length, decay });
  }
  return groups;
}
