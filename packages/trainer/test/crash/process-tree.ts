/** The processes of one run, as somebody who kills them sees them: a supervisor and its workers, or those of several ranks. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { TrainOptions } from "../../src/index.js";
import { mpirun } from "../support/mpirun.js";
import { MARK, markedWith, membersOf } from "../support/processes.js";

const path = (name: string) => fileURLToPath(new URL(`../support/${name}`, import.meta.url));

export interface ProcessTree {
  /** What was started: the supervisor, or the launcher of the ranks. */
  readonly root: ChildProcess;
  /** Of workers that live. */
  workers(): number[];
  /** The others: what was started and, with several ranks, their supervisors. */
  supervisors(): number[];
  /** Whether none is left. */
  isOver(): boolean;
  /** Sends SIGKILL to each. @returns False if there was none. */
  kill(): boolean;
}

/** @returns False where there is no such process, or group of -pid, any more. */
export function kill(pid: number, signal: "SIGKILL" | 0 = "SIGKILL"): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** Writes a line of JSON per event. In a process group of its own, in which its processes can be found. */
export function startAlone(options: TrainOptions): ProcessTree {
  const root = spawn(process.execPath, [path("train-child.mjs"), JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    env: { ...process.env, ANE_THREADS: "1" }, // threads change nothing: the reference has more
  });
  const group = root.pid!;
  return {
    root,
    workers: () => membersOf(group).filter((pid) => pid !== group),
    supervisors: () => [group],
    isOver: () => membersOf(group).length === 0,
    kill: () => kill(-group),
  };
}

let launches = 0;

/** The same as several ranks, whose launcher makes groups as it likes. Linux only. */
export function startRanks(ranks: number, options: TrainOptions): ProcessTree {
  launches += 1;
  const mark = `${process.pid}-${launches}`;
  const rank = [path("rank-child.mjs"), JSON.stringify({ ...options, distributed: "mpi" })];
  const { child } = mpirun(Array(ranks).fill(rank), undefined, { [MARK]: mark, ANE_THREADS: "1" });
  const members = () => markedWith(mark);
  const pids = (wanted: boolean) =>
    members().flatMap(({ pid, isWorker }) => (isWorker === wanted ? pid : []));
  return {
    root: child,
    workers: () => pids(true),
    supervisors: () => pids(false),
    isOver: () => members().length === 0,
    kill: () => members().filter(({ pid }) => kill(pid)).length > 0,
  };
}
