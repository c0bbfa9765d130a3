/** Whole runs in worker processes: planned restarts, kills, aborts. Needs the built worker. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import {
  DivergedError,
  OptionError,
  type TrainOptions,
  train,
  trainInProcess,
  WorkerError,
} from "../src/index.js";
import { ended, workersOf } from "./support/processes.js";
import { collect, losses, ofType, TINY_KERNELS, tinyRun } from "./support/tiny-run.js";

beforeAll(() => {
  const worker = fileURLToPath(new URL("../dist/worker.js", import.meta.url));
  if (!existsSync(worker)) throw new Error(`${worker} is missing: run the build first.`);
});

/** Losses of the same run, undisturbed and in one process. */
async function undisturbed(options: TrainOptions) {
  return losses(await collect(trainInProcess(tinyRun(options).options)));
}

/** Every loss that was seen, before a kill and after, is the undisturbed run's; those after it lead to the end without a gap. */
async function expectAsUndisturbed(
  settings: TrainOptions,
  before: [step: number, loss: number][],
  after: [step: number, loss: number][],
) {
  const expected = await undisturbed(settings);
  const byStep = new Map(expected);
  for (const [step, loss] of before) expect([step, loss]).toEqual([step, byStep.get(step)]);
  expect(after).toEqual(expected.slice(-after.length));
  expect(after[0]?.[0]).toBeGreaterThan(1);
}

describe("planned restarts", () => {
  it("change nothing: a small compile budget has the losses of none, bit for bit", async () => {
    const settings = { pipeline: "static", steps: 9, accum: 2, saveEvery: 3 } as const;
    const { options } = tinyRun({ ...settings, compileBudget: TINY_KERNELS + 3 });
    const events = await collect(train(options));
    expect(losses(events)).toEqual(await undisturbed(settings));
    const restarts = ofType(events, "restart");
    expect(restarts.map(({ step, used, limit }) => [step, used, limit])).toEqual([
      [2, TINY_KERNELS, TINY_KERNELS + 3],
      [4, TINY_KERNELS, TINY_KERNELS + 3],
      [6, TINY_KERNELS, TINY_KERNELS + 3],
      [8, TINY_KERNELS, TINY_KERNELS + 3],
    ]);
    for (const { ms } of restarts) expect(ms).toBeGreaterThan(0);
    expect(ofType(events, "run")).toHaveLength(1);
    expect(ofType(events, "compile").map(({ kernels }) => kernels)).toEqual(
      Array(5).fill(TINY_KERNELS),
    );
    expect(ofType(events, "done")[0]).toMatchObject({
      reason: "completed",
      step: 9,
      report: { steps: 9, updates: 4, restarts: 4 },
    });
  });

  it("come only when the next update's kernels do not fit", async () => {
    const budget = { compileBudget: TINY_KERNELS + 10 };
    const { options } = tinyRun({ pipeline: "static", steps: 8, accum: 2, ...budget });
    const events = await collect(train(options));
    expect(ofType(events, "restart").map(({ step, used }) => [step, used])).toEqual([
      [4, 2 * TINY_KERNELS],
    ]);
  });
});

describe("an abort", () => {
  it("ends the run after the micro-step with a checkpoint, and the rest follows on resume", async () => {
    const settings = { steps: 100_000, accum: 3 };
    const { options } = tinyRun(settings);
    const controller = new AbortController();
    const first = [];
    for await (const event of train({ ...options, signal: controller.signal })) {
      first.push(event);
      if (event.type === "step" && event.step === 4) controller.abort();
    }
    const [done] = ofType(first, "done");
    expect(done?.reason).toBe("interrupted");
    expect(ofType(first, "checkpoint").at(-1)?.step).toBe(done?.step);
    expect(ofType(first, "step").at(-1)?.step).toBe(done?.step);
    const steps = done!.step + 4;
    const rest = await collect(train({ resume: options.out, steps }));
    expect([...losses(first), ...losses(rest)]).toEqual(await undisturbed({ ...settings, steps }));
  });

  it("before the start ends the run at once", async () => {
    const events = await collect(train({ ...tinyRun().options, signal: AbortSignal.abort() }));
    expect(events.map(({ type }) => type)).toEqual(["run", "done"]);
  });

  it("is what a caller does that stops listening", async () => {
    const { options } = tinyRun({ steps: 100_000 });
    for await (const event of train(options)) if (event.type === "step") break;
    expect(workersOf(process.pid)).toEqual([]);
    const log = readFileSync(join(options.out, "events.jsonl"), "utf8").trimEnd().split("\n");
    const last = JSON.parse(log.at(-1)!);
    expect(last.type).toBe("checkpoint");
    expect(new Set(log).size).toBe(log.length);
    const [run] = ofType(await collect(train({ resume: options.out, steps: last.step })), "run");
    expect(run?.resumedFrom).toBe(last.step);
  });
});

describe("kill -9", () => {
  it("of the worker is told, and the run resumes bit for bit", async () => {
    const settings = { steps: 100_000, accum: 4, saveEvery: 3 };
    const { options } = tinyRun(settings);
    const all: [number, number][] = [];
    const run = async (given: TrainOptions, killAt?: number) => {
      for await (const event of train(given)) {
        if (event.type !== "step") continue;
        all.push([event.step, event.loss]);
        if (event.step === killAt) process.kill(workersOf(process.pid)[0]!, "SIGKILL");
      }
    };
    const first = run(options, 14);
    await expect(first).rejects.toThrow(WorkerError);
    await expect(first).rejects.toThrow(/signal SIGKILL after micro-step \d+.*resume/);
    const log = readFileSync(join(options.out, "events.jsonl"), "utf8").trimEnd().split("\n");
    expect(new Set(log).size).toBe(log.length);
    await expect(run({ resume: options.out }, all.at(-1)![0] + 8)).rejects.toThrow(WorkerError);
    const steps = all.at(-1)![0] + 5;
    const rest = await collect(train({ resume: options.out, steps }));
    await expectAsUndisturbed({ ...settings, steps }, all, losses(rest));
  });

  it.each([5, 14])(
    "of the supervisor after %i micro-steps ends its worker, and the run resumes bit for bit",
    async (killAt) => {
      const settings = {
        pipeline: "static",
        steps: 100_000,
        accum: 3,
        saveEvery: 1,
        compileBudget: TINY_KERNELS,
      } as const;
      const { options } = tinyRun(settings);
      const script = fileURLToPath(new URL("support/train-child.mjs", import.meta.url));
      const child = spawn(process.execPath, [script, JSON.stringify(options)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const exited = once(child, "exit");
      const all: [number, number][] = [];
      for await (const line of createInterface({ input: child.stdout })) {
        all.push(JSON.parse(line) as [number, number]);
        if (all.length !== killAt) continue;
        const workers = workersOf(child.pid!);
        process.kill(child.pid!, "SIGKILL");
        await Promise.all(workers.map(ended));
      }
      await exited;
      expect(all.length).toBeGreaterThanOrEqual(killAt);
      const steps = all.at(-1)![0] + 10;
      const rest = await collect(train({ resume: options.out, steps }));
      await expectAsUndisturbed({ ...settings, compileBudget: 0, steps }, all, losses(rest));
    },
  );
});

describe("errors of the worker", () => {
  it("are thrown to the caller as what they were", async () => {
    const { options } = tinyRun({ steps: 4, lossScale: 1e30, saveEvery: 1 });
    const failure = collect(train(options));
    await expect(failure).rejects.toThrow(DivergedError);
    await expect(failure).rejects.toMatchObject({ code: "ERR_DIVERGED" });
    expect(existsSync(join(options.out, "lock"))).toBe(false);
  });

  it("that it cannot tell are in its last words", async () => {
    const before = process.env.NODE_OPTIONS;
    process.env.NODE_OPTIONS = "--no-such-option";
    try {
      const failure = collect(train(tinyRun().options));
      await expect(failure).rejects.toThrow(WorkerError);
      await expect(failure).rejects.toThrow(/exit code \d+ before its first.*--no-such-option/s);
    } finally {
      if (before === undefined) delete process.env.NODE_OPTIONS;
      else process.env.NODE_OPTIONS = before;
    }
  });

  it("about options name the option", async () => {
    const first = tinyRun({ steps: 1 }).options;
    await collect(train(first));
    const { folder, options } = tinyRun({ steps: 1 });
    const init = join(folder, "init.ckpt");
    copyFileSync(join(first.out, "checkpoints", "step-00000001.ckpt"), init);
    await collect(train({ ...options, init }));
    rmSync(join(options.out, "checkpoints"), { recursive: true });
    truncateSync(init, 1000);
    const failure = collect(train({ resume: options.out }));
    await expect(failure).rejects.toThrow(OptionError);
    await expect(failure).rejects.toMatchObject({ option: "init" });
    await expect(failure).rejects.toThrow(/^init: must be the model that the run was started with/);
  });
});

it("fewer steps than are done are refused, and leave the run as it was", async () => {
  const { options } = tinyRun({ steps: 4 });
  await collect(train(options));
  const failure = collect(train({ resume: options.out, steps: 2 }));
  await expect(failure).rejects.toThrow(/^steps: must be at least the 4 micro-steps/);
  const events = await collect(train({ resume: options.out }));
  expect(events.at(-1)).toMatchObject({ type: "done", reason: "completed", step: 4 });
});
