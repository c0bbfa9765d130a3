/** The published checkpoints of llama2.c: training starts at their own loss and goes down from there. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { evaluateLoss, readLlamaBin } from "@ane/llama-model";
import { openTokenFile, randomWindow, writeTokenFile } from "@ane/tokenizer-data";
import { describe, expect, it } from "vitest";
import { trainInProcess } from "../src/index.js";
import { readCheckpoint } from "../src/read-checkpoint.js";
import { temporaryFolder } from "./support/temporary-folder.js";
import { collect, losses, ofType } from "./support/tiny-run.js";

const testData = process.env.ANE_TEST_DATA;
const stories15M = process.env.ANE_STORIES15M;

describe("stories260K", () => {
  const init = join(testData ?? "", "llama/stories260K.bin");
  const text = join(testData ?? "", "text/tinystories_train_cased.tok512.bin");

  it("starts at its loss on 20 windows of real stories and learns them", async ({ skip }) => {
    if (testData === undefined) skip("needs ANE_TEST_DATA");
    const folder = temporaryFolder();
    const data = join(folder, "tokens.bin");
    const seq = 512;
    writeTokenFile(data, openTokenFile(text).tokens.slice(0, 20 * seq + 1), "uint16");
    const before = evaluateLoss(readLlamaBin(init).parameters, openTokenFile(data).tokens, {
      seqLen: seq,
    });
    expect(before.meanNll).toBeCloseTo(1.275128, 3);

    const out = join(folder, "run");
    const options = { device: "cpu", steps: 60, accum: 4, lr: 1e-3, compileBudget: 0 } as const;
    const events = await collect(trainInProcess({ init, data, validation: data, out, ...options }));
    const all = losses(events).map(([, loss]) => loss);
    const start = all.slice(0, 4).reduce((sum, loss) => sum + loss, 0) / 4;
    expect(Math.abs(start - before.meanNll)).toBeLessThan(0.15);
    const [evaluation] = ofType(events, "evaluation");
    expect(evaluation?.windows).toBe(20);
    expect(evaluation?.meanNll).toBeLessThan(before.meanNll - 0.1);
    expect(readCheckpoint(out).parameters.config.name).toBe("stories260k");
  });
});

describe("stories15M", () => {
  it("starts at its loss, window by window", async ({ skip }) => {
    if (stories15M === undefined || !existsSync(stories15M)) skip("needs ANE_STORIES15M");
    if (testData === undefined) skip("needs ANE_TEST_DATA");
    const init = stories15M!;
    const data = join(testData!, "text/tinystories_train_cased.llama32k.bin");
    const steps = 12;
    const out = join(temporaryFolder(), "run");
    const options = { device: "cpu", steps, accum: steps, compileBudget: 0, seed: 7 } as const;
    const all = losses(await collect(trainInProcess({ init, data, out, ...options })));

    const { parameters, config } = readLlamaBin(init);
    const { tokens } = openTokenFile(data);
    const S = config.seqLen;
    for (const [step, loss] of all) {
      const start = randomWindow(options.seed, step - 1, tokens.length, S);
      const window = tokens.subarray(start, start + S + 1);
      const { meanNll } = evaluateLoss(parameters, window, { windows: 1 });
      expect(Math.abs(loss - meanNll)).toBeLessThan(0.01);
    }
    const mean = all.reduce((sum, [, loss]) => sum + loss, 0) / steps;
    expect(mean).toBeGreaterThan(1.3);
    expect(mean).toBeLessThan(2);
  }, 300_000);
});
