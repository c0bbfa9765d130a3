/**
 * Only one process may work on a run. The lock is a file with the process's identity; it appears complete (a hard link to a
 * finished file) and outlives a killed process, whose lock the next one takes over.
 */
import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { codeOf, RunLockedError } from "./errors.js";
import { isAlive, ownIdentity, type ProcessIdentity } from "./process-identity.js";

/** Who has a lock. */
export interface Owner extends ProcessIdentity {
  readonly host: string;
  /** For people: no decision depends on a clock. */
  readonly since: string;
}

/** Locks of this process: a lock file with this process's id that is not among them is left from an earlier process. */
const held = new Set<string>();

export class RunLock implements Disposable {
  readonly owner: Owner;
  readonly #path: string;

  private constructor(path: string, owner: Owner) {
    this.owner = owner;
    this.#path = path;
    held.add(path);
  }

  /** @throws RunLockedError if a living process has it. */
  static acquire(path: string): RunLock {
    const own = `${path}.${process.pid}`;
    const owner: Owner = { ...ownIdentity(), host: hostname(), since: new Date().toISOString() };
    try {
      writeFileSync(own, `${JSON.stringify(owner)}\n`);
      while (!linked(own, path)) removeStale(path, `${own}.stale`);
    } finally {
      rmSync(own, { force: true });
    }
    removeLeftovers(path);
    return new RunLock(path, owner);
  }

  dispose(): void {
    if (!held.delete(this.#path)) return;
    // Somebody may have removed it by hand, and another process have taken its place.
    if (ownerIn(this.#path)?.pid === process.pid) rmSync(this.#path, { force: true });
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Whoever has the lock, if it is a living process, or one of another machine, which cannot be asked. */
export function livingOwner(path: string): Owner | undefined {
  const owner = ownerIn(path);
  return owner && isHeld(path, owner) ? owner : undefined;
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
  if (found && isHeld(path, found)) {
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
  if (moved && isHeld(path, moved)) linked(aside, path);
  rmSync(aside, { force: true });
}

/** Nothing where there is no lock, or one that a failing machine left without its content. */
function ownerIn(path: string): Owner | undefined {
  try {
    const owner = JSON.parse(readFileSync(path, "utf8")) as
      | Owner
      | number
      | string
      | boolean
      | null;
    return typeof owner === "object" && owner?.pid ? owner : undefined;
  } catch (error) {
    if (codeOf(error) === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isHeld(path: string, owner: Owner): boolean {
  if (owner.host !== hostname()) return true; // cannot be asked: a shared folder
  return owner.pid === process.pid ? held.has(path) : isAlive(owner);
}

/** Files of processes that were killed while they took the lock. */
function removeLeftovers(path: string): void {
  const folder = dirname(path);
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`${basename(path)}.`)) continue;
    const pid = Number(/^\.(\d+)(\.stale)?$/.exec(name.slice(basename(path).length))?.[1]);
    if (Number.isInteger(pid) && !isAlive({ pid })) rmSync(join(folder, name), { force: true });
  }
}
