/** One process tree that trains, killed at a point or left to end by itself. */
import { once } from "node:events";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import type { TrainEvent, TrainOptions } from "../../src/index.js";
import type { KillPoint } from "./kill-point.js";
import { kill, type ProcessTree, startAlone, startRanks } from "./process-tree.js";

/** How long a moment is waited for; a run that does not come to it is killed then. Ranks have to find each other first. */
const PATIENCE_MS = { alone: 3000, ranks: 12_000 };

export interface AttemptEnd {
  /** False where the run was complete before the moment came. */
  readonly killed: boolean;
  /** The run's own exit code; null where a signal ended it. */
  readonly code: number | null;
  readonly stderr: string;
  /** Of the micro-steps that it told of. */
  readonly losses: readonly [step: number, loss: number][];
}

/**
 * @param directory Of the run.
 * @param point Nothing: the run is left alone.
 * @param ranks More than one: under mpirun.
 */
export async function attempt(
  options: TrainOptions,
  directory: string,
  point: KillPoint | undefined,
  ranks = 1,
): Promise<AttemptEnd> {
  const tree = ranks === 1 ? startAlone(options) : startRanks(ranks, options);
  const { root } = tree;
  const exited = once(root, "close");
  const losses: [number, number][] = [];
  createInterface({ input: root.stdout! }).on("line", (line) => {
    const step = stepIn(line);
    if (step) losses.push(step);
  });
  let stderr = "";
  root.stderr!.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const killed = point !== undefined && (await killAt(tree, point, directory, losses, ranks));
  const [code] = (await exited) as [number | null];
  while (!point?.hasty && !tree.isOver()) await setTimeout(5);
  return { killed, code, stderr, losses };
}

/** The children of one process tell steps alone, ranks all events. The last line may be torn. */
function stepIn(line: string): [step: number, loss: number] | undefined {
  try {
    const told = JSON.parse(line) as [number, number] | TrainEvent;
    if (Array.isArray(told)) return told;
    return told.type === "step" ? [told.step, told.loss] : undefined;
  } catch {
    return undefined;
  }
}

/** @returns False if the run was over first. */
async function killAt(
  tree: ProcessTree,
  point: KillPoint,
  directory: string,
  losses: readonly unknown[],
  ranks: number,
): Promise<boolean> {
  const { root } = tree;
  const patience = ranks === 1 ? PATIENCE_MS.alone : PATIENCE_MS.ranks;
  const deadline = performance.now() + patience;
  const until = async (condition: () => boolean, pollMs: number) => {
    while (root.exitCode === null && performance.now() < deadline && !condition()) {
      await setTimeout(pollMs);
    }
  };
  await until(() => losses.length >= point.steps, 1);
  // Listed before the moment, as it takes longer than the moment lasts.
  const listed = point.victim === "worker" ? tree.workers : tree.supervisors;
  let victims = listed();
  await until(momentOf(point, directory, tree.workers, ranks), point.moment === "handOver" ? 5 : 1);
  if (point.delayMs > 5) await setTimeout(point.delayMs);
  else for (const end = performance.now() + point.delayMs; performance.now() < end; );
  if (root.exitCode !== null || root.signalCode !== null) return false;
  if (point.victim === "all") return tree.kill();
  if (!victims.some((pid) => kill(pid, 0))) victims = listed();
  const victim = victims[Math.floor(point.delayMs * 1000) % victims.length];
  return victim !== undefined && kill(victim);
}

function momentOf(
  { moment, victim }: KillPoint,
  directory: string,
  workers: () => readonly number[],
  ranks: number,
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
      return () => workers().length > ranks;
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
