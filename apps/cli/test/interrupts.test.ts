/** Ctrl-C, SIGTERM, a closed terminal, a reader that is gone: `ane train` saves, and goes on later. Needs the built program. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";

const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));

/** A micro-step takes a moment, so that signals arrive within one. */
const model = {
  dim: 128,
  hiddenDim: 512,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  vocabSize: 32000,
  seqLen: 128,
};
const flags = ["--model", "model.json", "--steps", "100000", "--save-every", "0", "--json"];

let folder: string;
let child: ChildProcess;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ane-cli-"));
  writeFileSync(join(folder, "model.json"), JSON.stringify(model));
});
afterEach(() => {
  child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** Resolves after the first micro-step. The process leads a group, as in a terminal. */
async function train(stdin: "ignore" | number = "ignore"): Promise<void> {
  child = spawn(process.execPath, [program, "train", ...flags, "--out", "run"], {
    cwd: folder,
    stdio: [stdin, "pipe", "pipe"],
    detached: true,
  });
  for await (const line of createInterface({ input: child.stdout! })) {
    if (JSON.parse(line).type === "step") return;
  }
}

function checkpoints(): string[] {
  const path = join(folder, "run", "checkpoints");
  return existsSync(path) ? readdirSync(path).sort() : [];
}

function lastEvent() {
  const lines = readFileSync(join(folder, "run", "events.jsonl"), "utf8")
    .trimEnd()
    .split("\n");
  return JSON.parse(lines.at(-1)!);
}

it.each([
  ["SIGINT", "to the whole group", () => process.kill(-child.pid!, "SIGINT")],
  ["SIGTERM", "to the program", () => child.kill("SIGTERM")],
  ["SIGHUP", "to the whole group", () => process.kill(-child.pid!, "SIGHUP")],
  [
    "SIGINT",
    "heard twice, from the terminal and from a package manager",
    () => child.kill("SIGINT") && child.kill("SIGINT"),
  ],
  [
    "SIGHUP",
    "with nobody left to read",
    () => {
      child.stdout!.destroy();
      child.stderr!.destroy();
      return process.kill(-child.pid!, "SIGHUP");
    },
  ],
  ["no signal", "but a reader that is gone", () => child.stdout!.destroy()],
])("%s %s: saves, and says that it was interrupted", async (_signal, _how, end) => {
  await train();
  const exited = once(child, "exit");
  end();
  expect(await exited).toEqual([130, null]);
  const { type, reason, step } = lastEvent();
  expect([type, reason]).toEqual(["done", "interrupted"]);
  expect(checkpoints()).toEqual([`step-${String(step).padStart(8, "0")}.ckpt`]);
  expect(existsSync(join(folder, "run", "lock"))).toBe(false);
});

it("SIGHUP to the whole group: goes on under nohup", async () => {
  await train(openSync("/dev/null", "w")); // what nohup puts in the place of the terminal
  process.kill(-child.pid!, "SIGHUP");
  const { step } = lastEvent();
  await expect.poll(() => lastEvent().step, { timeout: 20_000 }).toBeGreaterThan(step + 3);
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  expect(await exited).toEqual([130, null]);
});

it("a second Ctrl-C, later, ends it at once; the run can be resumed all the same", async () => {
  await train();
  const exited = once(child, "exit");
  // Stopped, the worker does not come to the end of its micro-step.
  const { stdout } = spawnSync("pgrep", ["-P", String(child.pid)], { encoding: "utf8" });
  for (const worker of stdout.trim().split("\n")) process.kill(Number(worker), "SIGSTOP");
  child.kill("SIGINT");
  await once(child.stderr!, "data");
  await new Promise((resolve) => setTimeout(resolve, 700));
  child.kill("SIGINT");
  expect(await exited).toEqual([130, null]);
  for (const worker of stdout.trim().split("\n")) process.kill(Number(worker), "SIGCONT");
  // The worker may have saved a micro-step before it noticed that it is alone.
  const resume = ["train", "--resume", "run", "--steps", "3", "--quiet"];
  const { status } = spawnSync(process.execPath, [program, ...resume], { cwd: folder });
  expect(status).toBe(0);
  expect(checkpoints().at(-1)).toBe("step-00000003.ckpt");
});
