import { describe, expect, it } from "vitest";
import { Decoder, InputError, type LlamaConfig, WindowForward } from "../src/index.js";
import { randomParameters, someTokens, tiny } from "./support/models.js";
import { referenceLogits } from "./support/reference-llama.js";

const [S, V] = [tiny.seqLen, tiny.vocabSize];

const configs: [string, LlamaConfig][] = [
  ["three query heads per KV head", tiny],
  ["as many KV heads as query heads", { ...tiny, kvHeads: 6 }],
  ["one KV head, a classifier of its own", { ...tiny, kvHeads: 1, tiedEmbeddings: false }],
  ["norms of the heads and another RoPE base", { ...tiny, qkNorm: true, ropeTheta: 1e6 }],
  ["bounded logits", { ...tiny, logitSoftcap: 1.5 }],
];

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((max, value, i) => Math.max(max, Math.abs(value - b[i]!)), 0);
}

describe.each(configs)("with %s", (_, config) => {
  const parameters = randomParameters(config);
  const sequences = [1, 2, 3].map((seed) => someTokens(S, V, seed));

  it("the whole-window forward gives the logits of a float64 reference", () => {
    const logits = new WindowForward(parameters).forward(sequences[0]!);
    const expected = referenceLogits(parameters, sequences[0]!).flat();
    expect(Math.max(...expected)).toBeGreaterThan(1);
    expect(largestDifference(logits, expected)).toBeLessThan(2e-4);
  });

  it.each([1, 3])("decoding a batch of %i gives the logits of the whole window", (batch) => {
    const forward = new WindowForward(parameters);
    const expected = sequences.map((tokens) => forward.forward(tokens).slice());
    const decoder = new Decoder(parameters, { batch });
    for (let position = 0; position < S; position++) {
      const tokens = sequences.slice(0, batch).map((sequence) => sequence[position]!);
      const logits = decoder.forward(tokens, position);
      for (let b = 0; b < batch; b++) {
        const row = logits.subarray(b * V, (b + 1) * V);
        const window = expected[b]!.subarray(position * V, (position + 1) * V);
        expect(largestDifference(row, window)).toBeLessThan(1e-4);
      }
    }
  });
});

describe("Decoder", () => {
  const parameters = randomParameters(tiny);
  const tokens = someTokens(S, V);

  it("rewinds to an earlier position and starts anew after reset", () => {
    const decoder = new Decoder(parameters);
    const first = Array.from(tokens, (token, position) =>
      decoder.forward([token], position).slice(),
    );
    for (let position = 4; position < 7; position++) {
      expect(decoder.forward([tokens[position]!], position)).toEqual(first[position]);
    }
    decoder.reset();
    expect(() => decoder.forward([1], 1)).toThrow(/from 0 to 0, got 1/);
    expect(decoder.forward([tokens[0]!], 0)).toEqual(first[0]);
  });

  it("goes beyond the configuration's sequence when told to", () => {
    const decoder = new Decoder(parameters, { maxSeqLen: S + 4 });
    const longer = someTokens(S + 4, V);
    const expected = new WindowForward(parameters, S + 4).forward(longer);
    const last = Array.from(longer, (token, position) => decoder.forward([token], position)).at(
      -1,
    )!;
    expect(largestDifference(last, expected.subarray(-V))).toBeLessThan(1e-4);
  });

  it("sees later changes of the parameters", () => {
    const own = randomParameters(tiny);
    const decoder = new Decoder(own);
    const before = decoder.forward([3], 0).slice();
    own.layer(1).w2.fill(0);
    expect(largestDifference(decoder.forward([3], 0), before)).toBeGreaterThan(0.01);
  });

  it("refuses other batches, positions and tokens before any work", () => {
    const decoder = new Decoder(parameters, { batch: 2 });
    expect(() => decoder.forward([1], 0)).toThrow(/2 sequences, got 1/);
    expect(() => decoder.forward([1, 1], 1)).toThrow(/position/);
    expect(() => decoder.forward([1, 1], 0.5)).toThrow(/position/);
    expect(() => decoder.forward([1, V], 0)).toThrow(/tokens\[1\].*got 31/);
    expect(() => decoder.forward([-1, 0], 0)).toThrow(/tokens\[0\].*got -1/);
    expect(() => new Decoder(parameters, { batch: 0 })).toThrow(InputError);
    expect(() => new Decoder(parameters, { maxSeqLen: 1.5 })).toThrow(InputError);
    for (let position = 0; position < S; position++) decoder.forward([1, 1], position);
    expect(() => decoder.forward([1, 1], S)).toThrow(/from 0 to 12, got 13/);
  });
});
