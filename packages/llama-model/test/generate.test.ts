import { describe, expect, it } from "vitest";
import { Decoder, generate, InputError, sampleToken, XorShift64Star } from "../src/index.js";
import { randomParameters, tiny } from "./support/models.js";

const parameters = randomParameters(tiny, 4);
const decoder = new Decoder(parameters);

/** The decoder's most likely continuation, written out. */
function greedy(prompt: number[], steps: number): number[] {
  const other = new Decoder(parameters);
  const tokens = [...prompt];
  for (let position = 0; position < steps; position++) {
    const logits = other.forward([tokens[position]!], position);
    if (position + 1 < tokens.length) continue;
    const next = logits.indexOf(logits.reduce((a, b) => Math.max(a, b)));
    if (next === 1) break;
    tokens.push(next);
  }
  return tokens.slice(1);
}

describe("generate", () => {
  it("yields the rest of the prompt, then the most likely tokens at temperature 0", () => {
    const options = { decoder, temperature: 0, seed: 1 };
    const expected = greedy([1, 5, 9], 13);
    expect(expected.slice(0, 2)).toEqual([5, 9]);
    expect([...generate({ ...options, promptTokens: [1, 5, 9] })]).toEqual(expected);
    expect([...generate({ ...options, promptTokens: [1, 5, 9], steps: 99 })]).toEqual(expected);
    const short = [...generate({ ...options, promptTokens: Uint16Array.of(1, 5, 9), steps: 4 })];
    expect(short).toEqual(greedy([1, 5, 9], 4));
    expect(short).toHaveLength(4);
  });

  it("ends before a BOS", () => {
    const promptTokens = [1, 5, 1, 9];
    expect([...generate({ decoder, promptTokens, temperature: 0, seed: 1 })]).toEqual([5]);
  });

  it("repeats itself with the same seed and not with another", () => {
    const sample = (seed: number) => [
      ...generate({ decoder, promptTokens: [1, 7], temperature: 2, topP: 1, seed }),
    ];
    expect(sample(11)).toEqual(sample(11));
    const different = [12, 13, 14].map(sample).filter((s) => `${s}` !== `${sample(11)}`);
    expect(different.length).toBeGreaterThan(0);
  });

  it("draws one random number for each token after the prompt", () => {
    const generator = new XorShift64Star(3);
    const other = new Decoder(parameters);
    const tokens = [1, 7, 4];
    for (let position = 0; position < 8; position++) {
      const logits = other.forward([tokens[position]!], position);
      if (position < 2) continue;
      const random = () => generator.nextFloat();
      tokens.push(sampleToken(logits, { temperature: 1.5, topP: 0.8, random }));
    }
    const options = { temperature: 1.5, topP: 0.8, seed: 3, steps: 8 };
    const generated = [...generate({ decoder, promptTokens: [1, 7, 4], ...options })];
    expect(generated).toEqual(tokens.slice(1, 1 + generated.length));
    expect(generated.length).toBeGreaterThan(4);
  });

  it("refuses a batch, an empty prompt and wrong steps", () => {
    const pair = new Decoder(parameters, { batch: 2 });
    const run = (options: object) =>
      generate({ decoder, promptTokens: [1], seed: 1, ...options }).next();
    expect(() => run({ decoder: pair })).toThrow(InputError);
    expect(() => run({ promptTokens: [] })).toThrow(/promptTokens/);
    expect(() => run({ steps: -1 })).toThrow(/steps/);
    expect(() => run({ seed: 0 })).toThrow(/seed/);
    expect(() => run({ temperature: -1 })).toThrow(/temperature/);
  });
});
