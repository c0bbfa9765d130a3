import { afterEach, expect, it } from "vitest";
import { type AdamWOptions, ArgumentError, adamW, setThreads } from "../src/index.js";
import { digest, relativeError } from "./support/numeric.js";
import { randomFloats } from "./support/random.js";

const settings = {
  learningRate: 3e-3,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0.1,
  gradientScale: 0.25,
};

/** Loshchilov & Hutter 2019, algorithm 2, in float64. */
class Reference {
  readonly firstMoment: Float64Array;
  readonly secondMoment: Float64Array;

  constructor(readonly parameters: Float64Array) {
    this.firstMoment = new Float64Array(parameters.length);
    this.secondMoment = new Float64Array(parameters.length);
  }

  update(gradients: Float32Array, step: number): void {
    const { learningRate, beta1, beta2, epsilon, weightDecay, gradientScale } = settings;
    gradients.forEach((raw, i) => {
      const g = raw * gradientScale;
      const m = beta1 * this.firstMoment[i]! + (1 - beta1) * g;
      const v = beta2 * this.secondMoment[i]! + (1 - beta2) * g * g;
      this.firstMoment[i] = m;
      this.secondMoment[i] = v;
      const direction = m / (1 - beta1 ** step) / (Math.sqrt(v / (1 - beta2 ** step)) + epsilon);
      this.parameters[i]! -= learningRate * (direction + weightDecay * this.parameters[i]!);
    });
  }
}

function state(parameters: Float32Array, gradients: Float32Array): AdamWOptions {
  const firstMoment = new Float32Array(parameters.length);
  const secondMoment = new Float32Array(parameters.length);
  return { parameters, gradients, firstMoment, secondMoment, step: 1, ...settings };
}

afterEach(() => setThreads(2));

it.each([1, 7, 33, 1001])("follows float64 over 20 steps, %i parameters", (n) => {
  const parameters = randomFloats(n, 1);
  const expected = new Reference(Float64Array.from(parameters));
  const gradients = new Float32Array(n);
  const options = state(parameters, gradients);
  for (let step = 1; step <= 20; step++) {
    gradients.set(randomFloats(n, 100 + step, 10 ** -(step % 5)));
    expected.update(gradients, step);
    adamW({ ...options, step });
  }
  expect(relativeError(parameters, expected.parameters)).toBeLessThan(2e-6);
  expect(relativeError(options.firstMoment, expected.firstMoment)).toBeLessThan(2e-6);
  expect(relativeError(options.secondMoment, expected.secondMoment)).toBeLessThan(2e-6);
});

it("leaves the gradients as they are", () => {
  const gradients = randomFloats(100, 2);
  const before = gradients.slice();
  adamW(state(randomFloats(100, 3), gradients));
  expect(gradients).toEqual(before);
});

it("updates the group that subarrays name and nothing else", () => {
  const arena = randomFloats(4 * 50, 4);
  const before = arena.slice();
  const part = (i: number) => arena.subarray(50 * i + 5, 50 * i + 25);
  part(3).fill(0.5);
  before.set(arena.subarray(150), 150);
  const views = {
    parameters: part(0),
    gradients: part(1),
    firstMoment: part(2),
    secondMoment: part(3),
  };
  adamW({ ...views, ...settings, step: 1 });
  arena.forEach((value, i) => {
    const inside = i % 50 >= 5 && i % 50 < 25 && Math.floor(i / 50) !== 1;
    expect(value !== before[i]).toBe(inside);
  });
});

it("gives the same bits for every number of threads", () => {
  const runs = [1, 2].map((threads) => {
    setThreads(threads);
    const options = state(randomFloats(300_001, 5), randomFloats(300_001, 6));
    adamW(options);
    return digest(options.parameters, options.firstMoment, options.secondMoment);
  });
  expect(runs[1]).toBe(runs[0]);
});

it("refuses what is not a step of AdamW before any work", () => {
  const good = state(new Float32Array(8).fill(1), new Float32Array(8).fill(1));
  const bad: Partial<AdamWOptions>[] = [
    { gradients: new Float32Array(7) },
    { secondMoment: new Float32Array(9) },
    { gradients: good.parameters },
    { step: 0 },
    { step: 1.5 },
    { beta1: 1 },
    { beta2: -0.1 },
    { epsilon: 0 },
    { learningRate: Number.NaN },
    { gradientScale: Number.POSITIVE_INFINITY },
  ];
  for (const change of bad) expect(() => adamW({ ...good, ...change })).toThrow(ArgumentError);
  expect(good.parameters).toEqual(new Float32Array(8).fill(1));
});
