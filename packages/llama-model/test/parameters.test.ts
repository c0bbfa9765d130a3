import { describe, expect, it } from "vitest";
import {
  evaluateLoss,
  InputError,
  initializeParameters,
  Parameters,
  parameterLayout,
  presets,
} from "../src/index.js";
import { someTokens, tiny } from "./support/models.js";

describe("parameterLayout", () => {
  it("has the documented number of parameters", () => {
    expect(parameterLayout(presets.stories260k).total).toBe(260_032);
    expect(parameterLayout(presets.stories15m).total).toBe(15_191_712);
    // 84.95M in the layers and the final norm, 24.58M in the embedding.
    expect(parameterLayout(presets.stories110m).total).toBe(109_529_856);
  });

  it("is gapless, in file order, and knows what decays", () => {
    const { total, entries } = parameterLayout({ ...tiny, tiedEmbeddings: false });
    let offset = 0;
    for (const entry of entries) {
      expect(entry.offset).toBe(offset);
      expect(entry.length).toBe(entry.shape.reduce((a, b) => a * b));
      offset += entry.length;
    }
    expect(total).toBe(offset);
    const order =
      "tokenEmbedding attentionNorm wq wk wv wo ffnNorm w1 w2 w3 finalNorm classifier".split(" ");
    expect(entries.map((entry) => entry.name)).toEqual(order);
    const undecayed = entries.filter((entry) => !entry.decay).map((entry) => entry.name);
    expect(undecayed).toEqual(["attentionNorm", "ffnNorm", "finalNorm"]);
    expect(entries.find((entry) => entry.name === "wk")!.shape).toEqual([3, 8, 20]);
    expect(entries.find((entry) => entry.name === "wo")!.shape).toEqual([3, 20, 24]);
  });
});

describe("Parameters", () => {
  it("are views into the arena they are given, at any offset", () => {
    const { total, entries } = parameterLayout(tiny);
    const arena = new Float32Array(total + 5);
    arena.forEach((_, i) => {
      arena[i] = i;
    });
    const parameters = new Parameters(tiny, arena.subarray(5));
    const w2 = entries.find((entry) => entry.name === "w2")!;
    expect(parameters.view("w2")[0]).toBe(5 + w2.offset);
    expect(parameters.layer(2).w2[0]).toBe(5 + w2.offset + 2 * tiny.dim * tiny.hiddenDim);
    expect(parameters.layer(2).w2).toHaveLength(tiny.dim * tiny.hiddenDim);
    parameters.layer(1).attentionNorm[0] = -1;
    expect(arena[5 + 31 * 20 + 20]).toBe(-1);
  });

  it("have the embedding as classifier where it is tied", () => {
    const tied = new Parameters(tiny);
    expect(tied.classifier).toBe(tied.tokenEmbedding);
    const untied = new Parameters({ ...tiny, tiedEmbeddings: false });
    expect(untied.classifier.byteOffset).toBe(4 * parameterLayout(tiny).total);
  });

  it("refuse other lengths, names and layers", () => {
    expect(() => new Parameters(tiny, new Float32Array(7))).toThrow(/elements, got 7/);
    const parameters = new Parameters(tiny);
    expect(() => parameters.view("classifier")).toThrow(InputError);
    expect(() => parameters.layer(3)).toThrow(/from 0 to 2, got 3/);
    expect(() => parameters.layer(-1)).toThrow(InputError);
  });
});

describe("initializeParameters", () => {
  const config = { ...presets.stories260k, tiedEmbeddings: false };
  const parameters = new Parameters(config);
  initializeParameters(parameters, 7);

  it("gives each tensor its standard deviation", () => {
    const expected: Record<string, number> = {
      tokenEmbedding: 0.25 / 8,
      classifier: 0.25 / 8,
      wo: 0.02 / Math.sqrt(10),
      w2: 0.02 / Math.sqrt(10),
    };
    for (const { name, length, decay } of parameters.layout.entries) {
      const values = parameters.view(name);
      if (!decay) {
        expect(values.every((value) => value === 1)).toBe(true);
        continue;
      }
      const std = expected[name] ?? 0.02;
      const mean = values.reduce((sum, value) => sum + value, 0) / length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / length;
      expect(Math.abs(mean)).toBeLessThan((5 * std) / Math.sqrt(length));
      expect(Math.abs(Math.sqrt(variance) / std - 1)).toBeLessThan(5 / Math.sqrt(2 * length));
    }
  });

  it("depends on the seed and the tensor, not on the number of layers", () => {
    const again = new Parameters(config);
    initializeParameters(again, 7);
    expect(again.data).toEqual(parameters.data);
    const other = new Parameters(config);
    initializeParameters(other, 8);
    expect(other.layer(0).wq[0]).not.toBe(parameters.layer(0).wq[0]);
    expect(parameters.layer(0).wk[0]).not.toBe(parameters.layer(0).wv[0]);
    const deeper = new Parameters({ ...config, layers: 9 });
    initializeParameters(deeper, 7);
    expect(deeper.layer(4).w1).toEqual(parameters.layer(4).w1);
  });

  it("starts with a loss just above that of the uniform distribution", () => {
    const tied = new Parameters({ ...presets.stories260k, seqLen: 64 });
    initializeParameters(tied, 3);
    const { meanNll } = evaluateLoss(tied, someTokens(64 * 8 + 1, 512));
    expect(meanNll - Math.log(512)).toBeGreaterThan(-0.02);
    expect(meanNll - Math.log(512)).toBeLessThan(0.12);
  });
});
