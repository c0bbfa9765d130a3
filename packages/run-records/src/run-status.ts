/** Whether somebody works on a run, and how it ended where nobody does. */
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { DoneEvent } from "@ane/trainer";
import { codeOf } from "./errors.js";
import { lockPath } from "./run-paths.js";

/**
 * "running": a process has the run's lock, and lives as far as can be told (one on another machine cannot be asked).
 * "finished", "interrupted": it ended and said so. "dead": it ended without a word, by an error or a kill.
 * All but "finished" can be resumed; "finished" too, with more steps.
 */
export type RunStatus = "running" | "finished" | "interrupted" | "dead";

export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly since: string;
  /** Tells the process from a later one with its id. */
  readonly start?: string;
}

/** @param done The last event of the record, if it is one of the end. */
export function runStatus(directory: string, done: DoneEvent | undefined): RunStatus {
  const holder = runHolder(directory);
  const end = done && (done.reason === "completed" ? "finished" : "interrupted");
  if (holder && holder.host !== hostname()) return end ?? "running";
  return holder && isAlive(holder) ? "running" : (end ?? "dead");
}

/** Who has the run's lock, alive or not. */
export function runHolder(directory: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(lockPath(directory), "utf8")) as Holder;
  } catch (error) {
    if (error instanceof SyntaxError || codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Of a process on this machine. A zombie is not alive, nor is another process that was given the same id. */
function isAlive({ pid, start }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) !== "EPERM") return false; // EPERM: another user's
  }
  const status = linuxStatus(pid);
  return status === undefined || (status.state !== "Z" && (start ?? status.start) === status.start);
}

/** Nothing where the system has no /proc. `start` is "boot id/tick of the process's start", as the lock has it. */
function linuxStatus(pid: number): { state: string; start: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" "); // after "pid (name) "
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return { state: fields[0]!, start: `${boot}/${fields[19]}` };
  } catch {
    return undefined;
  }
}
