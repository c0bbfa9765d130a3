/** One update against the formulas of AdamW written out. */
import { parameterLayout } from "@ane/llama-model";
import { expect, it } from "vitest";
import { Optimizer } from "../src/optimizer.js";
import type { Recipe } from "../src/run-config.js";
import type { RunState } from "../src/run-state.js";
import { newState } from "./support/new-state.js";
import { tinyModel } from "./support/tiny-run.js";

const recipe = {
  model: tinyModel,
  accum: 4,
  lossScale: 256,
  lr: 1e-2,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.1,
  clip: 0,
} as Recipe;

const layout = parameterLayout(tinyModel);

function stateWithGradients(): RunState {
  const state = newState(layout.total);
  state.parameters.forEach((_, i) => {
    state.parameters[i] = Math.sin(i);
    state.gradients[i] = 1024 * 1e-3 * Math.cos(3 * i); // as summed over 4 micro-steps, times 256
  });
  return state;
}

/** The averaged, unscaled gradient. */
function gradientOf(i: number): number {
  return 1e-3 * Math.cos(3 * i);
}

const norm = Math.sqrt(
  Array.from({ length: layout.total }, (_, i) => gradientOf(i) ** 2).reduce((a, b) => a + b),
);

/** Largest deviation of the parameters after one update from zero moments. */
function deviation(state: RunState, scale: number, weightDecay: number): number {
  let largest = 0;
  for (const { offset, length, decay } of layout.entries) {
    for (let i = offset; i < offset + length; i++) {
      const g = gradientOf(i) * scale;
      // In the first step the bias-corrected moments are g and g².
      const step = g / (Math.abs(g) + recipe.epsilon) + (decay ? weightDecay : 0) * Math.sin(i);
      largest = Math.max(largest, Math.abs(Math.sin(i) - recipe.lr * step - state.parameters[i]!));
    }
  }
  return largest;
}

it("averages and unscales the gradients, and decays matrices only", () => {
  const state = stateWithGradients();
  const optimizer = new Optimizer(recipe, state);
  expect(optimizer.gradientNorm()).toBeCloseTo(norm, 6);
  optimizer.update(optimizer.gradientNorm(), recipe.lr);
  expect(deviation(state, 1, 0.1)).toBeLessThan(1e-6);
  expect(deviation(state, 1, 0)).toBeGreaterThan(1e-4);
  expect(state.updates).toBe(1);
  expect(state.firstMoment[5]).toBeCloseTo(0.1 * gradientOf(5), 9);
  expect(state.secondMoment[5]).toBeCloseTo(0.001 * gradientOf(5) ** 2, 12);
});

it("clips to the norm, and only above it", () => {
  for (const [clip, scale] of [
    [norm / 8, 1 / 8],
    [norm * 2, 1],
  ] as const) {
    const state = stateWithGradients();
    const optimizer = new Optimizer({ ...recipe, clip, weightDecay: 0 }, state);
    optimizer.update(optimizer.gradientNorm(), recipe.lr);
    expect(state.firstMoment[5]! / (0.1 * gradientOf(5))).toBeCloseTo(scale, 5);
    expect(deviation(state, scale, 0)).toBeLessThan(1e-6);
  }
});
