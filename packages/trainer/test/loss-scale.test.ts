/** Dynamic loss scaling: when the factor changes, and what a run does about gradients that overflow. */
import { describe, expect, it } from "vitest";
import { LossScale } from "../src/loss-scale.js";
import { newState } from "./support/new-state.js";

describe("the factor", () => {
  it("starts at 4096, halves at an overflow and doubles after 2000 good updates in a row", () => {
    const scale = new LossScale({ lossScale: "dynamic" }, newState(1));
    expect(scale.value).toBe(4096);
    for (let i = 0; i < 1999; i++) scale.succeeded();
    scale.overflowed();
    expect([scale.value, scale.skipped]).toEqual([2048, 1]);
    for (let i = 0; i < 1999; i++) scale.succeeded();
    expect(scale.value).toBe(2048);
    scale.succeeded();
    expect(scale.value).toBe(4096);
    for (let i = 0; i < 2000 * 20; i++) scale.succeeded();
    expect(scale.value).toBe(2 ** 24);
  });

  it("does not shrink below 1, nor at all where it is fixed", () => {
    const scale = new LossScale({ lossScale: "dynamic" }, newState(1));
    for (let i = 0; i < 12; i++) {
      expect(scale.canShrink).toBe(true);
      scale.overflowed();
    }
    expect([scale.value, scale.canShrink]).toEqual([1, false]);
    const fixed = new LossScale({ lossScale: 256 }, newState(1));
    for (let i = 0; i < 2000; i++) fixed.succeeded();
    expect([fixed.value, fixed.canShrink]).toEqual([256, false]);
  });
});
