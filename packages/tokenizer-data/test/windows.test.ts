import { describe, expect, test } from "vitest";
import { ArgumentError, philox4x32, randomWindow, windowStarts } from "../src/index.js";

test("philox4x32 gives the known answers of Random123", () => {
  // kat_vectors of the Random123 distribution, "philox4x32 10".
  expect(philox4x32([0, 0, 0, 0], [0, 0])).toEqual([
    0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8,
  ]);
  const ones = 0xffffffff;
  expect(philox4x32([ones, ones, ones, ones], [ones, ones])).toEqual([
    0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd,
  ]);
  expect(
    philox4x32([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
  ).toEqual([0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]);
});

describe("randomWindow", () => {
  test("is a function of seed and counter alone, fixed for all time", () => {
    const starts = [0, 1, 2, 3, 2 ** 40].map((counter) => randomWindow(7, counter, 1_000_000, 256));
    expect(starts).toMatchInlineSnapshot(`
      [
        638438,
        84162,
        494773,
        927382,
        584565,
      ]
    `);
    for (const [i, counter] of [0, 1, 2, 3, 2 ** 40].entries()) {
      expect(randomWindow(7, counter, 1_000_000, 256)).toBe(starts[i]);
    }
  });

  test("every bit of seed and counter matters", () => {
    const starts = new Set<number>();
    for (let bit = 0; bit < 53; bit++) {
      starts.add(randomWindow(2 ** bit, 0, 2 ** 50, 1));
      starts.add(randomWindow(0, 2 ** bit, 2 ** 50, 1));
    }
    expect(starts.size).toBe(106);
  });

  test("covers all starts, first and last included, evenly", () => {
    const draws = 100_000;
    const starts = 10; // 266 tokens, 256 + 1 in a window
    const counts = new Array<number>(starts).fill(0);
    for (let counter = 0; counter < draws; counter++) {
      counts[randomWindow(1, counter, 256 + starts, 256)]!++;
    }
    const expected = draws / starts;
    const chiSquare = counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(27.88); // 9 degrees of freedom, p = 0.001; the draws are fixed
  });

  test("successive draws are independent", () => {
    let sum = 0;
    const draws = 20_000;
    const at = (counter: number): number => randomWindow(3, counter, 1_000_001, 1) / 1e6 - 0.5;
    for (let counter = 0; counter < draws; counter++) sum += at(counter) * at(counter + 1);
    expect(Math.abs(sum / draws)).toBeLessThan((4 * (1 / 12)) / Math.sqrt(draws));
  });

  test("has one answer when the tokens just suffice", () => {
    expect(randomWindow(1, 5, 257, 256)).toBe(0);
  });

  test("refuses too few tokens and arguments out of range", () => {
    expect(() => randomWindow(0, 0, 256, 256)).toThrow(ArgumentError);
    expect(() => randomWindow(0, 0, 256, 256)).toThrow(
      "257 tokens are needed for a sequence of 256, got 256",
    );
    expect(() => randomWindow(-1, 0, 999, 8)).toThrow(
      "seed must be an integer of 0 or more, got -1",
    );
    expect(() => randomWindow(0, 0.5, 999, 8)).toThrow("counter");
    expect(() => randomWindow(2 ** 53, 0, 999, 8)).toThrow("seed");
    expect(() => randomWindow(0, 0, 999, 0)).toThrow("seqLen must be an integer of 1 or more");
  });
});

describe("windowStarts", () => {
  test("windows follow each other and leave room for the last target", () => {
    expect(windowStarts(1025, 256)).toEqual([0, 256, 512, 768]);
    expect(windowStarts(1024, 256)).toEqual([0, 256, 512]);
    expect(windowStarts(257, 256)).toEqual([0]);
    expect(windowStarts(1025, 256, 2)).toEqual([0, 256]);
  });

  test("refuses too few tokens and no windows", () => {
    expect(() => windowStarts(256, 256)).toThrow("257 tokens are needed");
    expect(() => windowStarts(999, 8, 0)).toThrow("maxWindows must be an integer of 1 or more");
  });
});
