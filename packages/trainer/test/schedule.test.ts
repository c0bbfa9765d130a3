/** The learning rate of every update against the formulas written out. */
import { expect, it } from "vitest";
import { learningRate, type Schedule } from "../src/schedule.js";

const cosine: Schedule = {
  lr: 3e-4,
  schedule: "cosine",
  warmup: 4,
  minLr: 3e-5,
  decayUpdates: 20,
};

it("rises over the warm-up by equal amounts, from lr / warmup to lr", () => {
  expect([1, 2, 3, 4].map((update) => learningRate(cosine, update))).toEqual(
    [0.25, 0.5, 0.75, 1].map((share) => expect.closeTo(3e-4 * share, 12)),
  );
});

it("falls along half a cosine from lr to minLr, and stays there", () => {
  for (let update = 4; update <= 20; update++) {
    const expected = 3e-5 + 0.5 * (3e-4 - 3e-5) * (1 + Math.cos((Math.PI * (update - 4)) / 16));
    expect(learningRate(cosine, update)).toBeCloseTo(expected, 12);
  }
  expect(learningRate(cosine, 12)).toBeCloseTo((3e-4 + 3e-5) / 2, 12);
  expect([20, 21, 1000].map((update) => learningRate(cosine, update))).toEqual([3e-5, 3e-5, 3e-5]);
});

it("falls along a line", () => {
  const linear = { ...cosine, schedule: "linear", minLr: 0 } as const;
  for (let update = 4; update <= 20; update++) {
    expect(learningRate(linear, update)).toBeCloseTo((3e-4 * (20 - update)) / 16, 12);
  }
});

it("is lr itself where it is constant, after its warm-up", () => {
  const constant = { ...cosine, schedule: "constant", minLr: 3e-4, decayUpdates: 0 } as const;
  expect(learningRate(constant, 2)).toBeCloseTo(1.5e-4, 12);
  for (const update of [4, 5, 1e6]) expect(learningRate(constant, update)).toBe(3e-4);
  expect(learningRate({ ...constant, warmup: 0 }, 1)).toBe(3e-4);
});

it("begins one update down the curve where there is no warm-up", () => {
  const expected = 3e-5 + 0.5 * (3e-4 - 3e-5) * (1 + Math.cos(Math.PI / 20));
  expect(learningRate({ ...cosine, warmup: 0 }, 1)).toBeCloseTo(expected, 12);
});
