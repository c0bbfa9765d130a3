/** Whole runs with a schedule, evaluations and lengths said in other units than micro-steps. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { evaluateLoss } from "@ane/llama-model";
import { openTokenFile } from "@ane/tokenizer-data";
import { describe, expect, it } from "vitest";
import { readCheckpointFile } from "../src/checkpoint-file.js";
import { readCheckpoint, trainInProcess } from "../src/index.js";
import { resolveOptions } from "../src/resolve-options.js";
import { COUNTER } from "../src/run-state.js";
import { learningRate } from "../src/schedule.js";
import { sameBits } from "./support/same-bits.js";
import { collect, losses, ofType, tinyRun } from "./support/tiny-run.js";

const decaying = {
  schedule: "cosine",
  warmup: 2,
  minLr: 1e-3,
  weightDecay: 0.1,
  beta2: 0.95,
} as const;

describe("a schedule", () => {
  it("is that of the run's updates, in every micro-step's event", async () => {
    const { options } = tinyRun({ ...decaying, steps: 12, accum: 2 });
    const steps = ofType(await collect(trainInProcess(options)), "step");
    const schedule = { ...decaying, lr: 1e-2, decayUpdates: 6 };
    expect(steps.map(({ lr }) => lr)).toEqual(
      [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6].map((update) => learningRate(schedule, update)),
    );
    expect(steps.at(-1)?.lr).toBe(1e-3);
  });

  it("goes on where it was, also in the middle of an update", async () => {
    const settings = {
      ...decaying,
      steps: 11,
      accum: 3,
      saveEvery: 5,
      lossScale: "dynamic",
    } as const;
    const whole = tinyRun(settings).options;
    const expected = await collect(trainInProcess(whole));
    const { options } = tinyRun(settings);
    const controller = new AbortController();
    for await (const event of trainInProcess({ ...options, signal: controller.signal })) {
      if (event.type === "step" && event.step === 5) controller.abort();
    }
    const rest = await collect(trainInProcess({ resume: options.out }));
    const rates = (events: typeof rest) => ofType(events, "step").map(({ lr }) => lr);
    expect(losses(rest)).toEqual(losses(expected).slice(5));
    expect(rates(rest)).toEqual(rates(expected).slice(5));
    const [parameters, of] = [options.out, whole.out].map(
      (out) => readCheckpoint(out).parameters.data,
    );
    expect(sameBits(parameters!, of!)).toBe(true);
    const goodUpdates = readCheckpointFile(readCheckpoint(options.out).path, () => ({})).counters[
      COUNTER.goodUpdates
    ];
    expect(goodUpdates).toBe(3); // those before the interruption too
  });
});

describe("the length of a run", () => {
  it.each([
    [{ steps: undefined, tokens: 300 }, 10],
    [{ steps: undefined, epochs: 0.05 }, 8],
    [{ steps: 5, minutes: 1e-9 }, 0],
    [{ steps: undefined, minutes: 1e-9 }, 0],
  ])("%o", async (length, micro) => {
    const { steps: _steps, ...common } = tinyRun().options;
    const given = Object.fromEntries(
      Object.entries(length).filter(([, value]) => value !== undefined),
    );
    const events = await collect(trainInProcess({ ...common, ...given }));
    const [done] = ofType(events, "done");
    expect(done).toMatchObject({ reason: "completed" });
    if (micro > 0) expect(done?.step).toBe(micro);
    else expect(done?.step).toBeLessThanOrEqual(1);
  });

  it("counts the minutes before a resume", async () => {
    const { steps: _steps, ...options } = tinyRun({ minutes: 1e-9 }).options;
    await collect(trainInProcess(options));
    const again = await collect(trainInProcess({ resume: options.out }));
    expect(ofType(again, "step")).toEqual([]);
    expect(ofType(again, "done")[0]?.reason).toBe("completed");
    const more = await collect(trainInProcess({ resume: options.out, minutes: 0, steps: 4 }));
    expect(ofType(more, "done")[0]?.step).toBe(4);
  });
});

describe("evaluation", () => {
  it("comes every N micro-steps and at the end, and keeps the best parameters", async () => {
    const { options } = tinyRun({ steps: 10, evalEvery: 4, evalWindows: 3 });
    const events = await collect(trainInProcess({ ...options, validation: options.data }));
    const evaluations = ofType(events, "evaluation");
    expect(evaluations.map(({ step, windows }) => [step, windows])).toEqual([
      [4, 3],
      [8, 3],
      [10, 3],
    ]);
    const best = evaluations.reduce((a, b) => (b.meanNll < a.meanNll ? b : a));
    const kept = ofType(events, "checkpoint").filter(({ kind }) => kind === "best");
    expect(kept.at(-1)?.step).toBe(best.step);
    expect(existsSync(join(options.out, "checkpoints", "best.ckpt"))).toBe(true);
    expect(readCheckpoint(kept.at(-1)!.path).step).toBe(best.step);
  });

  it("is made up for where a run was killed between its last checkpoint and its evaluation", async () => {
    const { options } = tinyRun({ steps: 4 });
    await collect(trainInProcess(options));
    const late = { resume: options.out, validation: options.data, evalEvery: 3 };
    const events = await collect(trainInProcess(late));
    expect(ofType(events, "evaluation").map(({ step }) => step)).toEqual([4]);
    expect(existsSync(join(options.out, "checkpoints", "best.ckpt"))).toBe(true);
  });

  it("bounds the logits of a run with a softcap, whose model says so from then on", async () => {
    const { options } = tinyRun({ steps: 2, evalWindows: 3, softcap: 0.5 });
    const events = await collect(trainInProcess({ ...options, validation: options.data }));
    const { parameters } = readCheckpoint(options.out);
    expect(parameters.config.logitSoftcap).toBe(0.5);
    const { tokens } = openTokenFile(options.data, { vocabSize: 64 });
    const { meanNll } = evaluateLoss(parameters, tokens, { seqLen: 32, windows: 3 });
    expect(ofType(events, "evaluation").map((event) => event.meanNll)).toEqual([meanNll]);

    const { model: _model, softcap: _softcap, ...common } = options;
    const further = { ...common, init: options.out, out: `${options.out}-further` };
    const { config } = resolveOptions(further);
    expect(config.recipe.model).toMatchObject({ logitSoftcap: 0.5 });
  });

  it("takes all of the file where the windows are 0, and is the same each time", async () => {
    const { options } = tinyRun({ steps: 2, evalEvery: 1, evalWindows: 0 });
    const run = async (out: string) =>
      ofType(
        await collect(trainInProcess({ ...options, out, validation: options.data })),
        "evaluation",
      ).map(({ step, meanNll, windows }) => [step, meanNll, windows]);
    const first = await run(options.out);
    expect(first.map(([, , windows]) => windows)).toEqual([127, 127]);
    expect(await run(`${options.out}-again`)).toEqual(first);
  });
});
