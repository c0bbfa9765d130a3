import { describe, expect, it } from "vitest";
import { InputError, sampleToken, XorShift64Star } from "../src/index.js";

describe("XorShift64Star", () => {
  // Computed with the C code of the formula in run.c.
  it("gives the sequence of run.c's generator", () => {
    const one = new XorShift64Star(1);
    expect([0, 1, 2, 3].map(() => one.nextUint32())).toEqual([
      1206177355, 2882512552, 3117485455, 1303648416,
    ]);
    const other = new XorShift64Star(133742n);
    expect([0, 1, 2, 3].map(() => other.nextFloat() * 2 ** 24)).toEqual([
      11849731, 10446788, 9034627, 8935217,
    ]);
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 53, 0n, 1n << 64n])("refuses the seed %s", (seed) => {
    expect(() => new XorShift64Star(seed)).toThrow(InputError);
  });
});

describe("sampleToken", () => {
  const probabilities = [0.125, 0.5, 0.125, 0.25];
  const draw = (coin: number, topP: number, temperature = 1, p = probabilities) => {
    const logits = Float32Array.from(p, (value) => Math.log(value) + 3);
    return sampleToken(logits, { temperature, topP, random: () => coin });
  };

  it("takes the first of the largest at temperature 0, without a draw", () => {
    const random = () => {
      throw new Error("no draw is needed");
    };
    const greedy = { temperature: 0, topP: 0.9, random };
    expect(sampleToken(Float32Array.of(-3, 2, 7, 7, -1), greedy)).toBe(2);
    expect(sampleToken(Float32Array.of(-3, -2, -7), greedy)).toBe(1);
  });

  it.each([0, 1])("walks all tokens in their own order with topP %d", (topP) => {
    expect(draw(0, topP)).toBe(0);
    expect(draw(0.1249, topP)).toBe(0);
    expect(draw(0.1251, topP)).toBe(1);
    expect(draw(0.6249, topP)).toBe(1);
    expect(draw(0.6251, topP)).toBe(2);
    expect(draw(0.7501, topP)).toBe(3);
    expect(draw(0.99999994, topP)).toBe(3);
  });

  it("walks the nucleus from its most likely token, coin scaled to its sum", () => {
    // 0.5 does not pass 0.7, 0.5 + 0.25 does: the boundary lies at 0.5 / 0.75.
    expect(draw(0, 0.7)).toBe(1);
    expect(draw(0.6666, 0.7)).toBe(1);
    expect(draw(0.6667, 0.7)).toBe(3);
    expect(draw(0.99999994, 0.7)).toBe(3);
    // The first token alone passes 0.4.
    expect(draw(0.99999994, 0.4)).toBe(1);
    // Equal probabilities come in the order of their ids: 1, 3, 0, then 2.
    expect(draw(0.99, 0.8)).toBe(0);
    expect(draw(0.99, 0.9)).toBe(2);
  });

  it("takes the most likely token where run.c's cutoff of (1 - topP) / (V - 1) leaves none", () => {
    expect(draw(0.99, 0.01, 1, [0.2, 0.2, 0.2, 0.2, 0.2])).toBe(0);
  });

  it("divides logits by the temperature", () => {
    // Squared and normalized: 1/22, 16/22, 1/22, 4/22.
    expect(draw(1 / 22 - 0.001, 1, 0.5)).toBe(0);
    expect(draw(1 / 22 + 0.001, 1, 0.5)).toBe(1);
    expect(draw(18 / 22 - 0.001, 1, 0.5)).toBe(2);
    expect(draw(18 / 22 + 0.001, 1, 0.5)).toBe(3);
  });

  it("samples with the frequencies of the distribution", () => {
    const generator = new XorShift64Star(5);
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 8000; i++) {
      const logits = Float32Array.from(probabilities, Math.log);
      const random = () => generator.nextFloat();
      counts[sampleToken(logits, { temperature: 1, topP: 1, random })]!++;
    }
    // Five standard deviations of a binomial of 8000 draws.
    probabilities.forEach((p, i) => {
      expect(Math.abs(counts[i]! - 8000 * p)).toBeLessThan(5 * Math.sqrt(8000 * p * (1 - p)));
    });
  });

  it.each([
    ["temperature", -1, 0.9],
    ["temperature", Number.NaN, 0.9],
    ["topP", 1, 1.1],
    ["topP", 1, -0.1],
  ])("refuses a wrong %s", (name, temperature, topP) => {
    const call = () => sampleToken(new Float32Array(4), { temperature, topP, random: () => 0 });
    expect(call).toThrow(InputError);
    expect(call).toThrow(name);
  });
});
