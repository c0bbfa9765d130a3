/** The device in worker threads: as many as one likes, ended in every way. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { openDevice } from "../../src/index.js";
import type { StepLine } from "./support/child.js";
import { callHeld, collectGarbage, living, release } from "./support/fake.js";
import { scale, valueThrough } from "./support/programs.js";

const script = new URL("./children/steps.mjs", import.meta.url);

function startWorker(steps: readonly string[]) {
  // Without the arguments of this process, which lead to the sources: the worker uses the built package.
  const worker = new Worker(script, { workerData: { steps }, execArgv: [] });
  const lines: StepLine[] = [];
  worker.on("message", (line) => lines.push(line));
  const ended = new Promise<{ code: number; lines: readonly StepLine[] }>((resolve) => {
    worker.on("exit", (code) => resolve({ code, lines }));
  });
  return { worker, ended };
}

const USE = ["open", "compile:4", "evaluate:4"];

describe("workers", () => {
  it("at once, each with a device of its own", async () => {
    const results = await Promise.all(
      [1, 2, 3, 4].map(() => startWorker([...USE, "dispose"]).ended),
    );
    for (const { code, lines } of results) {
      expect(code).toBe(0);
      expect(lines.find(({ step }) => step === "evaluate")?.result).toEqual([
        0x3c00, 0x4000, 0x4200, 0x4400,
      ]);
    }
    expect(living()).toEqual({});
  });

  it("that end without disposing of anything leave nothing", async () => {
    for (let round = 0; round < 3; round++) {
      const { code } = await startWorker(USE).ended;
      expect(code).toBe(0);
    }
    expect(living()).toEqual({});
  });

  it("that are terminated in the middle of evaluations leave nothing", async () => {
    for (let round = 0; round < 3; round++) {
      const { worker, ended } = startWorker([...USE, "hold:1", "start:8", "pause"]);
      await callHeld();
      const terminated = worker.terminate();
      release();
      await terminated;
      await ended;
      await collectGarbage();
      expect(living()).toEqual({});
    }
  });

  it("that throw leave nothing", async () => {
    const { worker, ended } = startWorker([...USE, "throw", "pause"]);
    const [error] = await once(worker, "error");
    expect(error).toMatchObject({ message: "uncaught, on purpose" });
    await ended;
    expect(living()).toEqual({});
  });

  it("do not disturb the main thread's kernels", async () => {
    using device = openDevice("ane");
    using kernel = device.compile(scale(2));
    const { ended } = startWorker(USE);
    for (let round = 0; round < 20; round++)
      expect(valueThrough(device, kernel, round)).toBe(2 * round);
    await ended;
    expect(valueThrough(device, kernel, 3)).toBe(6);
    expect(device.loadedKernels).toBe(1);
  });
});
