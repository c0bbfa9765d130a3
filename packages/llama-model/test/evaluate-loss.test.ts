import { describe, expect, it } from "vitest";
import { evaluateLoss, InputError, WindowForward } from "../src/index.js";
import { randomParameters, someTokens, tiny } from "./support/models.js";
import { referenceLoss } from "./support/reference-llama.js";

const parameters = randomParameters(tiny);
const S = tiny.seqLen;
const data = someTokens(4 * S, tiny.vocabSize);

describe("evaluateLoss", () => {
  it("is the mean over windows side by side, each on its own", () => {
    const windows = [0, 1, 2].map((i) => data.subarray(i * S, i * S + S + 1));
    const expected =
      windows.reduce((sum, window) => sum + referenceLoss(parameters, window), 0) / 3;
    const summary = evaluateLoss(parameters, data);
    expect(summary).toMatchObject({ windows: 3, tokens: 3 * S });
    expect(summary.meanNll).toBeCloseTo(expected, 5);
    expect(evaluateLoss(parameters, Uint32Array.from(data))).toEqual(summary);
  });

  it("takes as many windows of the length it is told", () => {
    const expected =
      (referenceLoss(parameters, data.subarray(0, 6)) +
        referenceLoss(parameters, data.subarray(5, 11))) /
      2;
    const summary = evaluateLoss(parameters, data, { seqLen: 5, windows: 2 });
    expect(summary).toMatchObject({ windows: 2, tokens: 10 });
    expect(summary.meanNll).toBeCloseTo(expected, 5);
  });

  it("refuses data without the windows, and tokens of another vocabulary", () => {
    expect(() => evaluateLoss(parameters, data, { windows: 4 })).toThrow(/1 to 3 for 52.*got 4/);
    expect(() => evaluateLoss(parameters, data.subarray(0, S))).toThrow(InputError);
    expect(() => evaluateLoss(parameters, data.subarray(0, 0))).toThrow(InputError);
    expect(() => evaluateLoss(parameters, data, { windows: 0.5 })).toThrow(InputError);
    const foreign = data.slice();
    foreign[S] = tiny.vocabSize;
    expect(() => evaluateLoss(parameters, foreign)).toThrow(/tokens\[13\].*got 31/);
  });

  it("refuses windows of another length", () => {
    const forward = new WindowForward(parameters);
    expect(() => forward.forward(data.subarray(0, 4))).toThrow(/13 ids, got 4/);
    expect(() => forward.loss(data.subarray(0, S))).toThrow(/14 ids, got 13/);
    expect(() => new WindowForward(parameters, 0)).toThrow(InputError);
  });
});
