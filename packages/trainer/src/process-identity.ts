/** Whether a process is still the one that left its name somewhere: ids are given out again. */
import { readFileSync } from "node:fs";
import { codeOf } from "./errors.js";

export interface ProcessIdentity {
  readonly pid: number;
  /** What tells it from a later process with this id; absent where the system does not say. */
  readonly start?: string;
}

/** Of the process that works here. */
export function ownIdentity(): ProcessIdentity {
  const start = startOf(process.pid);
  return { pid: process.pid, ...(start !== undefined && { start }) };
}

/** False also for a zombie: killed, but not looked after by its parent, as in a container without an init process. */
export function isAlive({ pid, start }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Otherwise it is there, but another user's.
    if (codeOf(error) !== "EPERM") return false;
  }
  const status = statusOf(pid);
  if (status === undefined) return true;
  return status.state !== "Z" && (start === undefined || start === startOf(pid));
}

/** Linux: the boot's id and the tick of that boot in which the process began. No clock is involved. */
function startOf(pid: number): string | undefined {
  const status = statusOf(pid);
  if (status === undefined) return undefined;
  return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}/${status.startTicks}`;
}

/** From "pid (name) state ppid …"; nothing where the system has no such file. */
function statusOf(pid: number): { state: string; startTicks: string } | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0]!, startTicks: fields[19]! };
}
