/** Finds and ends processes by their parent: what a test that kills them needs. POSIX only, like the killing itself. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

/** Ids of the worker processes that `parent` has started. */
export function workersOf(parent: number): number[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" });
  return stdout
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null)
    .filter(([, , ppid, args]) => Number(ppid) === parent && args?.includes("dist/worker.js"))
    .map(([, pid]) => Number(pid));
}

/** Ids of the processes of a group, without those that have ended and were not looked after (zombies). */
export function membersOf(group: number): number[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,pgid=,stat="], { encoding: "utf8" });
  return stdout
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, pgid, state]) => Number(pgid) === group && !state?.startsWith("Z"))
    .map(([pid]) => Number(pid));
}

/** Names one launch in the environment of all its processes. */
export const MARK = "ANE_TEST_MARK";

/** The same of the processes with this mark, whatever groups a launcher has put them into. Linux only. */
export function markedWith(mark: string): { pid: number; isWorker: boolean }[] {
  return readdirSync("/proc").flatMap((name) => {
    try {
      const read = (file: string) => readFileSync(join("/proc", name, file), "latin1");
      if (!read("environ").split("\0").includes(`${MARK}=${mark}`)) return []; // a zombie's is empty
      return [{ pid: Number(name), isWorker: read("cmdline").includes("dist/worker.js") }];
    } catch {
      return []; // no process, or one that has ended by now
    }
  });
}

/** Resolves when no such process is left. */
export async function ended(pid: number): Promise<void> {
  while (isAlive(pid)) await setTimeout(10);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
