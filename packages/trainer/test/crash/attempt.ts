/** One process tree that trains, killed at a point or left to end by itself. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { TrainOptions } from "../../src/index.js";
import { membersOf } from "../support/processes.js";
import type { KillPoint } from "./kill-point.js";

const PROGRAM = fileURLToPath(new URL("../support/train-child.mjs", import.meta.url));

/** How long a moment is waited for; a run that does not come to it is killed then. */
const PATIENCE_MS = 3000;

export interface AttemptEnd {
  /** False where the run was complete before the moment came. */
  readonly killed: boolean;
  /** The run's own exit code; null where a signal ended it. */
  readonly code: number | null;
  readonly stderr: string;
  /** Of the micro-steps that it told of. */
  readonly losses: readonly [step: number, loss: number][];
}

/** @param directory Of the run. @param point Nothing: the run is left alone. */
export async function attempt(
  options: TrainOptions,
  directory: string,
  point: KillPoint | undefined,
): Promise<AttemptEnd> {
  // In a process group of its own, so that "all" can be killed at once.
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    env: { ...process.env, ANE_THREADS: "1" }, // threads change nothing: the reference has more
  });
  const exited = once(child, "close");
  const losses: [number, number][] = [];
  createInterface({ input: child.stdout! }).on("line", (line) => {
    if (line.endsWith("]")) losses.push(JSON.parse(line) as [number, number]); // a last one may be torn
  });
  let stderr = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const killed = point !== undefined && (await killAt(child, point, directory, losses));
  const [code] = (await exited) as [number | null];
  if (!point?.hasty) await groupEnded(child.pid!);
  return { killed, code, stderr, losses };
}

/** Resolves when no process of the group is left. */
export async function groupEnded(group: number): Promise<void> {
  while (membersOf(group).length > 0) await setTimeout(5);
}

/** @returns False if the run was over first. */
async function killAt(
  child: ChildProcess,
  point: KillPoint,
  directory: string,
  losses: readonly unknown[],
): Promise<boolean> {
  const { pid } = child;
  const deadline = performance.now() + PATIENCE_MS;
  const until = async (condition: () => boolean, pollMs: number) => {
    while (child.exitCode === null && performance.now() < deadline && !condition()) {
      await setTimeout(pollMs);
    }
  };
  await until(() => losses.length >= point.steps, 1);
  // Listed before the moment, as it takes longer than the moment lasts.
  const workers = () => membersOf(pid!).filter((member) => member !== pid);
  let victims = point.victim === "worker" ? workers() : [];
  await until(momentOf(point, directory, workers), point.moment === "handOver" ? 5 : 1);
  if (point.delayMs > 5) await setTimeout(point.delayMs);
  else for (const end = performance.now() + point.delayMs; performance.now() < end; );
  if (child.exitCode !== null || child.signalCode !== null) return false;
  if (point.victim === "all") return kill(-pid!);
  if (point.victim === "supervisor") return kill(pid!);
  if (!victims.some(isThere)) victims = workers();
  const victim = victims[Math.floor(point.delayMs * 1000) % victims.length];
  return victim !== undefined && kill(victim);
}

function momentOf(
  { moment, victim }: KillPoint,
  directory: string,
  workers: () => readonly number[],
): () => boolean {
  switch (moment) {
    case "start":
      return () => victim !== "worker" || workers().length > 0;
    case "checkpoint":
      return () => namesIn(join(directory, "checkpoints")).some((name) => name.endsWith("partial"));
    case "log": {
      const before = sizeOf(join(directory, "events.jsonl"));
      return () => sizeOf(join(directory, "events.jsonl")) !== before;
    }
    case "handOver":
      return () => workers().length > 1;
    default:
      return () => true;
  }
}

function namesIn(folder: string): string[] {
  return statSync(folder, { throwIfNoEntry: false }) ? readdirSync(folder) : [];
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function isThere(pid: number): boolean {
  return kill(pid, 0);
}

/** @returns False where there is no such process any more. */
function kill(pid: number, signal: "SIGKILL" | 0 = "SIGKILL"): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
