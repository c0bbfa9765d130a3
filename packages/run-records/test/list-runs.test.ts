/** Runs in a folder and whether somebody works on them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { DoneEvent } from "@ane/trainer";
import { expect, it, onTestFinished } from "vitest";
import { listRuns } from "../src/list-runs.js";
import { readRun } from "../src/read-run.js";
import { runHolder, runStatus } from "../src/run-status.js";
import { evaluation, run, step, steps, temporaryFolder, writeRun } from "./support/run-files.js";

const done = (reason: DoneEvent["reason"]) =>
  ({ type: "done", reason, step: 3, directory: "/", report: {} }) as unknown as DoneEvent;

const since = "2026-11-23T01:00:00.000Z";

function lock(directory: string, owner: { pid: number; start?: string; host?: string }): void {
  writeFileSync(join(directory, "lock"), JSON.stringify({ host: hostname(), since, ...owner }));
}

async function sleeper() {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "spawn");
  return child;
}

it("knows by the lock whether a run is worked on", async () => {
  const directory = writeRun(temporaryFolder(), [run(), step(1)]);
  expect(runStatus(directory, undefined)).toBe("dead");
  expect(runHolder(directory)).toBeUndefined();
  const child = await sleeper();
  lock(directory, { pid: child.pid! });
  expect(runStatus(directory, undefined)).toBe("running");
  expect(runStatus(directory, done("completed"))).toBe("running"); // resumed, and nothing told yet
  expect(runHolder(directory)).toMatchObject({ pid: child.pid, since });
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(runStatus(directory, undefined)).toBe("dead");
  expect(runStatus(directory, done("completed"))).toBe("finished");
  expect(runStatus(directory, done("interrupted"))).toBe("interrupted");
});

it("trusts the lock of a process that cannot be asked", () => {
  const directory = writeRun(temporaryFolder(), [run()]);
  lock(directory, { pid: 1, host: "another-machine.example" });
  expect(runStatus(directory, undefined)).toBe("running");
  expect(runStatus(directory, done("completed"))).toBe("finished");
  writeFileSync(join(directory, "lock"), "");
  expect(runStatus(directory, undefined)).toBe("dead");
});

it.runIf(process.platform === "linux")("is not fooled by an id that was given again", () => {
  const directory = writeRun(temporaryFolder(), [run()]);
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  lock(directory, { pid: process.pid, start: `${boot}/1` });
  expect(runStatus(directory, undefined)).toBe("dead");
});

it("lists runs, the newest first, whatever else lies there", () => {
  const root = temporaryFolder();
  const at = (time: number) => ({ time });
  writeRun(join(root, "old"), [
    { ...run(), ...at(1000) },
    ...steps(1, 3),
    { ...done("completed"), ...at(2000) },
  ]);
  writeRun(join(root, "new"), [{ ...run({ steps: 90 }), ...at(3000) }, step(1)]);
  writeRun(join(root, "broken"));
  writeFileSync(join(root, "broken", "config.json"), "{");
  mkdirSync(join(root, "no run"));
  writeFileSync(join(root, "file"), "");
  symlinkSync(join(root, "gone"), join(root, "link"));
  const runs = listRuns(root);
  expect(runs.map(({ id }) => id)).toEqual(["broken", "new", "old"]);
  expect(runs[0]).toMatchObject({ status: "dead", problem: expect.stringContaining("version 1") });
  expect(runs[2]).toMatchObject({
    directory: join(root, "old"),
    status: "finished",
    model: "tiny",
    parameters: 2_130_000,
    step: 3,
    steps: 100,
    began: 1000,
    changed: 2000,
    problem: undefined,
  });
  expect(listRuns(join(root, "nothing"))).toEqual([]);
});

it("needs only the ends of a long record", async () => {
  const root = temporaryFolder();
  const directory = writeRun(join(root, "long"), [
    { ...run(), time: 5 },
    ...steps(1, 3000),
    evaluation(3000, 2.5),
  ]);
  const [summary] = listRuns(root);
  const { state } = await readRun(directory);
  expect(summary).toMatchObject({ step: 3000, validation: 2.5, parameters: 2_130_000, began: 5 });
  expect(summary?.loss).toBeCloseTo(state.series.smoothedLoss[0.98].last!.value, 2);
});
