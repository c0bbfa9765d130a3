/** Updates against the formulas of AdamW written out, and those of the device against those of the CPU. */
import { openDevice } from "@ane/ane-runtime";
import { parameterLayout } from "@ane/llama-model";
import { afterAll, describe, expect, it } from "vitest";
import { Optimizer } from "../src/optimizer.js";
import type { Recipe } from "../src/run-config.js";
import type { RunState } from "../src/run-state.js";
import { StepCounters } from "../src/step-counters.js";
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
  numerics: "fp16",
  optimizer: "cpu",
} as Recipe;

const device = openDevice("cpu");
afterAll(() => device.dispose());

function open(changes: Partial<Recipe>, state: RunState): Optimizer {
  const optimizer = new Optimizer({ ...recipe, ...changes }, state, device, new StepCounters());
  optimizer.prepare();
  return optimizer;
}

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
  const optimizer = open({}, state);
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
    const optimizer = open({ clip, weightDecay: 0 }, state);
    optimizer.update(optimizer.gradientNorm(), recipe.lr);
    expect(state.firstMoment[5]! / (0.1 * gradientOf(5))).toBeCloseTo(scale, 5);
    expect(deviation(state, scale, 0)).toBeLessThan(1e-6);
  }
});

describe("on the device", () => {
  const hyper = { beta2: 0.99, lossScale: 1, accum: 1, clip: 1 } as const;
  const updates = 50;

  /** Gradients whose sizes differ by parameter over three orders of magnitude. */
  function run(place: Recipe["optimizer"], lr: number): RunState {
    const state = stateWithGradients();
    state.parameters.forEach((value, i) => {
      state.parameters[i] = 0.05 * value;
    });
    const optimizer = open({ ...hyper, optimizer: place }, state);
    for (let t = 1; t <= updates; t++) {
      state.gradients.forEach((_, i) => {
        state.gradients[i] = 1e-4 * 10 ** (2 - (i % 4)) * Math.cos(3 * i + t * (1 + (i % 5)));
      });
      optimizer.update(optimizer.gradientNorm(), lr);
    }
    optimizer[Symbol.dispose]();
    return state;
  }

  /** L2 norm of the differences of what the updates did, over that of what they did. */
  function relativeError(a: RunState, b: RunState): number {
    let [error, way] = [0, 0];
    a.parameters.forEach((value, i) => {
      error += (value - b.parameters[i]!) ** 2;
      way += (b.parameters[i]! - 0.05 * Math.sin(i)) ** 2;
    });
    return Math.sqrt(error / way);
  }

  it("does what the CPU does, to the halves of its increments", () => {
    const [here, there] = [run("cpu", 1e-3), run("device", 1e-3)];
    expect(relativeError(there, here)).toBeLessThan(6e-3);
    there.secondMoment.forEach((root, i) => {
      expect(root ** 2 / here.secondMoment[i]!).toBeCloseTo(1, 1);
    });
    expect(there.updates).toBe(updates);
  });

  it("keeps updates that single halves would round away", () => {
    const here = run("cpu", 1e-6);
    expect(relativeError(run("device", 1e-6), here)).toBeLessThan(0.02);
    expect(relativeError(run("device-half", 1e-6), here)).toBeGreaterThan(0.5);
  });

  it("crosses the surface as often as there are tiles, and counts it", () => {
    const counters = new StepCounters();
    const state = stateWithGradients();
    const setting = { ...recipe, optimizer: "device", weightDecay: 0 } as const;
    const optimizer = new Optimizer(setting, state, device, counters);
    expect(optimizer.compilationsNeeded).toBe(1);
    expect(optimizer.prepare()).toBe(1);
    expect(optimizer.compilationsNeeded).toBe(0);
    optimizer.update(optimizer.gradientNorm(), 1e-3);
    const { dispatches, bytesWritten, bytesRead } = counters.take();
    expect(dispatches).toBe(1);
    expect(bytesWritten / bytesRead).toBeCloseTo(6 / 5, 1);
  });

  it("says so where a half overflows, and what to do", () => {
    const state = stateWithGradients();
    const optimizer = open({ ...hyper, optimizer: "device", clip: 0 }, state);
    state.gradients.fill(1e-9);
    optimizer.update(optimizer.gradientNorm(), 1e-3);
    state.gradients.fill(1);
    expect(() => optimizer.update(optimizer.gradientNorm(), 1e-3)).toThrow(/clip them/);
  });
});
