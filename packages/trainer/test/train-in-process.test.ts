/** Whole runs of a tiny model in this process. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DivergedError, OptionError, RunLockedError, trainInProcess } from "../src/index.js";
import { collect, losses, ofType, TINY_KERNELS, tinyRun } from "./support/tiny-run.js";

/** Trains until the step, then interrupts. */
async function trainUntil(step: number, options: Parameters<typeof trainInProcess>[0]) {
  const controller = new AbortController();
  const events = [];
  for await (const event of trainInProcess({ ...options, signal: controller.signal })) {
    events.push(event);
    if (event.type === "step" && event.step === step) controller.abort();
  }
  return events;
}

describe("a run", () => {
  it.each([
    {
      pipeline: "dynamic",
      story: "run compile step step step step checkpoint step checkpoint evaluation done",
      compilations: [[0, 4]],
    },
    {
      pipeline: "static",
      story:
        "run compile step step compile step step checkpoint compile step checkpoint evaluation done",
      compilations: [
        [0, TINY_KERNELS],
        [2, TINY_KERNELS],
        [4, TINY_KERNELS],
      ],
    },
  ] as const)("tells its story in order, $pipeline", async ({ pipeline, story, compilations }) => {
    const { options } = tinyRun({ pipeline, steps: 5, accum: 2, saveEvery: 4 });
    const events = await collect(trainInProcess({ ...options, validation: options.data }));
    expect(events.map(({ type }) => type).join(" ")).toBe(story);
    const [run] = ofType(events, "run");
    expect(run).toMatchObject({
      directory: options.out,
      model: "tiny",
      pipeline,
      steps: 5,
      accum: 2,
      trainTokens: 4096,
      resumedFrom: 0,
      refusedCheckpoints: [],
      machine: expect.stringMatching(/ cores, .* GB, .*, Node \d+/),
    });
    expect(ofType(events, "compile").map(({ step, kernels }) => [step, kernels])).toEqual(
      compilations,
    );
    expect(
      ofType(events, "step").map(({ step, gradNorm }) => [step, gradNorm !== undefined]),
    ).toEqual([
      [1, false],
      [2, true],
      [3, false],
      [4, true],
      [5, false],
    ]);
    for (const { counts } of ofType(events, "step")) {
      expect(counts.dispatches).toBe(4 * 2);
      expect(counts.bytesConverted).toBeGreaterThan(0);
    }
    const [done] = ofType(events, "done");
    expect(done).toMatchObject({
      reason: "completed",
      step: 5,
      report: { steps: 5, updates: 2, tokens: 160, restarts: 0 },
    });
    const log = readFileSync(join(options.out, "events.jsonl"), "utf8").trimEnd().split("\n");
    expect(log.map((line) => JSON.parse(line))).toEqual(JSON.parse(JSON.stringify(events)));
    expect(existsSync(join(options.out, "lock"))).toBe(false);
  });

  it("learns: the loss falls from ln V to well below", async () => {
    const { options } = tinyRun({ steps: 120, accum: 2 });
    const all = losses(await collect(trainInProcess(options))).map(([, loss]) => loss);
    const mean = (part: number[]) => part.reduce((sum, loss) => sum + loss, 0) / part.length;
    expect(Math.abs(mean(all.slice(0, 2)) - Math.log(64))).toBeLessThan(0.1);
    expect(mean(all.slice(-10))).toBeLessThan(2);
  });

  it("has nearly the same losses in fp32", async () => {
    const half = losses(await collect(trainInProcess(tinyRun({ steps: 6 }).options)));
    const single = losses(
      await collect(trainInProcess(tinyRun({ steps: 6, numerics: "fp32" }).options)),
    );
    expect(single).not.toEqual(half);
    for (const [i, [, loss]] of half.entries()) expect(single[i]?.[1]).toBeCloseTo(loss, 1);
  });

  it("has the same losses each time", async () => {
    const [first, second] = [tinyRun().options, tinyRun().options];
    expect(losses(await collect(trainInProcess(first)))).toEqual(
      losses(await collect(trainInProcess(second))),
    );
  });

  it("is refused while another one works in its folder", async () => {
    const { options } = tinyRun();
    const running = trainInProcess(options);
    await running.next();
    await expect(collect(trainInProcess({ resume: options.out }))).rejects.toThrow(RunLockedError);
    await running.return();
  });
});

describe("resume", () => {
  it.each([
    ["dynamic", 4],
    ["dynamic", 5],
    ["static", 4],
    ["static", 5],
  ] as const)(
    "%s, after an interruption at step %i continues bit for bit",
    async (pipeline, step) => {
      const settings = { pipeline, steps: 9, accum: 2, saveEvery: 0 };
      const whole = losses(await collect(trainInProcess(tinyRun(settings).options)));
      const { options } = tinyRun(settings);
      const first = await trainUntil(step, options);
      expect(ofType(first, "done")[0]).toMatchObject({ reason: "interrupted", step });
      const rest = await collect(trainInProcess({ resume: options.out }));
      expect(ofType(rest, "run")[0]?.resumedFrom).toBe(step);
      expect([...losses(first), ...losses(rest)]).toEqual(whole);
    },
  );

  it("goes on past the first goal, in the middle of an update too", async () => {
    const whole = losses(await collect(trainInProcess(tinyRun({ steps: 8, accum: 3 }).options)));
    const { options } = tinyRun({ steps: 4, accum: 3 });
    const first = await collect(trainInProcess(options));
    const rest = await collect(trainInProcess({ resume: options.out, steps: 8 }));
    expect([...losses(first), ...losses(rest)]).toEqual(whole);
  });

  it("of a run without a checkpoint begins again", async () => {
    const { options } = tinyRun({ steps: 4, saveEvery: 0, lr: 1e-2 });
    const running = trainInProcess(options);
    await running.next();
    await running.return(); // before the first micro-step: nothing to save
    expect(existsSync(join(options.out, "checkpoints"))).toBe(false);
    const events = await collect(trainInProcess({ resume: options.out }));
    expect(losses(events)).toEqual(
      losses(await collect(trainInProcess(tinyRun({ steps: 4 }).options))),
    );
  });

  it("of a complete run does nothing, and refuses fewer steps than are done", async () => {
    const { options } = tinyRun({ steps: 4 });
    await collect(trainInProcess(options));
    const events = await collect(trainInProcess({ resume: options.out }));
    expect(events.map(({ type }) => type)).toEqual(["run", "done"]);
    const fewer = trainInProcess({ resume: options.out, steps: 3 });
    await expect(collect(fewer)).rejects.toThrow(OptionError);
  });
});

describe("divergence", () => {
  it("stops the run, says what to do, and saves nothing", async () => {
    // A loss scale that overflows fp16 in the first backward kernel: the loss itself stays finite.
    const { options } = tinyRun({ steps: 4, accum: 2, saveEvery: 1, lossScale: 1e30 });
    const failure = collect(trainInProcess(options));
    await expect(failure).rejects.toThrow(DivergedError);
    await expect(failure).rejects.toThrow(/micro-step \d.*loss.*lower lossScale \(now 1e\+30\)/s);
    expect(existsSync(join(options.out, "checkpoints"))).toBe(false);
  });
});
