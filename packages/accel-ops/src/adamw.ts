/** The AdamW optimizer, fused: one pass over parameters, gradients and moments. */
import { checkArray, checkInteger } from "./argument-error.js";
import { checkApart, checkNumber } from "./checks.js";
import { nativeBinding } from "./native.js";

const native = nativeBinding<{
  adamW(
    parameters: Float32Array,
    gradients: Float32Array,
    firstMoment: Float32Array,
    secondMoment: Float32Array,
    settings: Float64Array,
  ): void;
}>();

/** Arrays are fp32 [n], apart from each other; pass subarrays where groups of parameters differ in their settings. */
export interface AdamWOptions {
  readonly parameters: Float32Array;
  readonly gradients: Float32Array;
  /** Moving average of the gradients, zero before the first step. */
  readonly firstMoment: Float32Array;
  /** Moving average of their squares, zero before the first step. */
  readonly secondMoment: Float32Array;
  /** Of this step; 0 or more. */
  readonly learningRate: number;
  /** Decay of the first moment, in [0, 1). */
  readonly beta1: number;
  /** Decay of the second moment, in [0, 1). */
  readonly beta2: number;
  /** Added to the root of the second moment; more than 0. */
  readonly epsilon: number;
  /** Decoupled: parameters shrink by learningRate·weightDecay in each step, whatever their gradient. */
  readonly weightDecay: number;
  /** Number of this step for the bias correction, 1 for the first. */
  readonly step: number;
  /** Every gradient is multiplied by it first: 1/(loss scale · accumulated steps) times the clip factor. Default 1. */
  readonly gradientScale?: number;
}

/**
 * One step: `g = gradientScale·gradient; m = β1·m + (1 − β1)·g; v = β2·v + (1 − β2)·g²;
 * p −= learningRate·((m / (1 − β1^step)) / (√(v / (1 − β2^step)) + ε) + weightDecay·p)`.
 *
 * Source: Loshchilov & Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm 2.
 *
 * @throws ArgumentError
 */
export function adamW(options: AdamWOptions): void {
  const { parameters, gradients, firstMoment, secondMoment } = options;
  const { gradientScale = 1 } = options;
  const arrays = Object.entries({ parameters, gradients, firstMoment, secondMoment });
  arrays.forEach(([name, array], i) => {
    checkArray(array, Float32Array, `adamW.${name}`, parameters.length);
    for (const [other, earlier] of arrays.slice(0, i)) {
      checkApart(array, earlier, `adamW.${name}`, other);
    }
  });
  const { learningRate, beta1, beta2, epsilon, weightDecay, step } = options;
  const fromZero = (value: number) => value >= 0;
  checkNumber(learningRate, "adamW.learningRate", "must be finite and at least 0", fromZero);
  checkNumber(beta1, "adamW.beta1", "must be in [0, 1)", (value) => value >= 0 && value < 1);
  checkNumber(beta2, "adamW.beta2", "must be in [0, 1)", (value) => value >= 0 && value < 1);
  checkNumber(epsilon, "adamW.epsilon", "must be finite and more than 0", (value) => value > 0);
  checkNumber(weightDecay, "adamW.weightDecay", "must be finite and at least 0", fromZero);
  checkNumber(gradientScale, "adamW.gradientScale");
  checkInteger(step, "adamW.step", 1);
  const settings = [learningRate, beta1, beta2, epsilon, weightDecay, gradientScale, step];
  native.adamW(parameters, gradients, firstMoment, secondMoment, Float64Array.from(settings));
}
