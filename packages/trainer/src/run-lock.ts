/**
 * Only one process may work on a run. The lock is a file with the process's id; it appears complete (a hard link to a
 * finished file) and outlives a killed process, whose lock the next one takes over.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { RunLockedError } from "./errors.js";

interface Owner {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
}

/** Locks of this process: a lock file with this process's id that is not among them is left from an earlier process. */
const held = new Set<string>();

export class RunLock implements Disposable {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
    held.add(path);
  }

  /** @throws RunLockedError if a living process has it. */
  static acquire(path: string): RunLock {
    const own = `${path}.${process.pid}`;
    const owner: Owner = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
    writeFileSync(own, `${JSON.stringify(owner)}\n`);
    try {
      while (!linked(own, path)) removeStale(path, `${own}.stale`);
    } finally {
      rmSync(own, { force: true });
    }
    return new RunLock(path);
  }

  dispose(): void {
    if (!held.delete(this.#path)) return;
    rmSync(this.#path, { force: true });
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Moves the lock aside before it is removed, so that of two processes that find it stale only one removes it. */
function removeStale(path: string, aside: string): void {
  const found = ownerIn(path);
  if (found === undefined) return;
  if (isAlive(path, found)) {
    throw new RunLockedError(
      `${path}: a run is worked on by one process at a time, got process ${found.pid} on ${found.host} since ${found.since}. ` +
        "Wait for it or stop it; if it is not a training process, remove the file.",
    );
  }
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  const moved = ownerIn(aside);
  if (moved && isAlive(path, moved)) linked(aside, path);
  rmSync(aside, { force: true });
}

function ownerIn(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Owner;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function isAlive(path: string, { pid, host }: Owner): boolean {
  if (host !== hostname()) return true; // cannot be asked: a shared folder
  if (pid === process.pid) return held.has(path);
  try {
    process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
  return !isZombie(pid);
}

/** A killed process that its parent has not looked after yet, or never will, as in a container without an init process. */
function isZombie(pid: number): boolean {
  try {
    // "pid (name) state ...": Linux; elsewhere there is no such file.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
  } catch {
    return false;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
