/** What a run does when its processes are told to end, or another one wants its folder. Needs the built worker. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { RunLockedError, type TrainOptions, train, trainInProcess } from "../src/index.js";
import { ended, workersOf } from "./support/processes.js";
import { newestSections } from "./support/section-digests.js";
import { collect, losses, ofType, tinyRun } from "./support/tiny-run.js";

const settings = { steps: 100_000, accum: 3, saveEvery: 0 } as const;

/** In a process of its own; resolves after its first micro-step. */
async function trainElsewhere(options: TrainOptions): Promise<ChildProcess> {
  const script = fileURLToPath(new URL("support/train-child.mjs", import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(async () => {
    const workers = workersOf(child.pid!);
    child.kill("SIGKILL");
    await Promise.all(workers.map(ended));
  });
  await once(createInterface({ input: child.stdout! }), "line");
  return child;
}

it.each(["SIGINT", "SIGTERM"] as const)(
  "%s to the worker ends the run after the micro-step, with a checkpoint",
  async (signal) => {
    const { options } = tinyRun(settings);
    const events = [];
    for await (const event of train(options)) {
      events.push(event);
      if (event.type === "step" && event.step === 4)
        process.kill(workersOf(process.pid)[0]!, signal);
    }
    const [done] = ofType(events, "done");
    expect(done?.reason).toBe("interrupted");
    expect(ofType(events, "checkpoint").at(-1)).toMatchObject({ kind: "last", step: done?.step });
  },
);

it("SIGHUP to the worker is for its supervisor to decide about: the run goes on", async () => {
  const { options } = tinyRun(settings);
  const events = [];
  const stop = new AbortController();
  let hungUp = Number.POSITIVE_INFINITY;
  for await (const event of train({ ...options, signal: stop.signal })) {
    events.push(event);
    if (event.type !== "step") continue;
    if (event.step === 4) {
      process.kill(workersOf(process.pid)[0]!, "SIGHUP");
      hungUp = Date.now();
    }
    // Only a micro-step from well after the signal says that the run goes on.
    if (event.time! > hungUp + 200) stop.abort();
  }
  expect(ofType(events, "restart")).toEqual([]);
  expect(ofType(events, "step").at(-1)!.time).toBeGreaterThan(hungUp + 200);
  expect(ofType(events, "done")[0]?.reason).toBe("interrupted");
});

it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s to a worker that has no handler yet costs nothing: another one begins",
  async (signal) => {
    const { options } = tinyRun({ ...settings, steps: 4 });
    const run = train(options);
    const first = run.next();
    let [worker] = workersOf(process.pid);
    while (worker === undefined) {
      await new Promise(setImmediate);
      [worker] = workersOf(process.pid);
    }
    process.kill(worker, signal);
    await first;
    await collect(run);
    const undisturbed = tinyRun({ ...settings, steps: 4 }).options;
    await collect(trainInProcess(undisturbed));
    expect(newestSections(options.out)).toEqual(newestSections(undisturbed.out));
  },
);

it("a second process is refused, with the first one's id, and disturbs nothing", async () => {
  const { options } = tinyRun({ ...settings, saveEvery: 1 });
  const first = await trainElsewhere(options);
  for (const start of [train, trainInProcess]) {
    const second = collect(start({ resume: options.out }));
    await expect(second).rejects.toThrow(RunLockedError);
    await expect(second).rejects.toThrow(`process ${first.pid} on`);
  }
  expect(first.exitCode).toBeNull();
  expect(existsSync(join(options.out, "lock"))).toBe(true);
});

it("the death of the supervisor ends the worker, and the run goes on from its checkpoint", async () => {
  const { options } = tinyRun({ ...settings, saveEvery: 1 });
  const supervisor = await trainElsewhere(options);
  const workers = workersOf(supervisor.pid!);
  expect(workers).toHaveLength(1);
  supervisor.kill("SIGKILL");
  await Promise.all(workers.map(ended));
  const saved = newestSections(options.out)!.step;
  const rest = await collect(train({ resume: options.out, steps: saved + 2 }));
  expect(ofType(rest, "run")[0]?.resumedFrom).toBe(saved);
  expect(losses(rest).map(([step]) => step)).toEqual([saved + 1, saved + 2]);
});
