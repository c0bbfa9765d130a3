/**
 * Requests from other processes, such as a view that is attached to the run: one file each in the run's folder, complete when
 * it appears (a rename), removed before it is served. So any number of views may ask at once, nothing is torn, and nothing is
 * served twice. A request names the process that it is for: what a run did not come to is void, and does not surprise the
 * run that is resumed later.
 */
import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codeOf, TrainerError } from "./errors.js";
import { RUN_ACTIONS, type RunAction } from "./run-action.js";
import type { RunRequest } from "./run-control.js";
import { runPaths } from "./run-directory.js";
import { livingOwner, type Owner } from "./run-lock.js";

const SUFFIX = ".json";

interface StoredRequest extends RunRequest {
  /** Who is to serve it. */
  readonly to: { readonly pid: number; readonly since: string };
}

let count = 0;

/**
 * Asks the process that works on the run in a folder, whichever that is; it serves the request at the end of its micro-step.
 * @returns The id that the run's `request` event will have.
 * @throws TrainerError with code ERR_NOT_RUNNING where no process works on the run; the system's error where the folder cannot be written to
 */
export function requestRun(directory: string, action: RunAction): string {
  const { lock, requests } = runPaths(directory);
  const owner = livingOwner(lock);
  if (!owner) throw notRunning(directory, action);
  const id = randomUUID();
  const { pid, since } = owner;
  const request: StoredRequest = { id, action, to: { pid, since } };
  // Names sort in the order in which they were made, as far as clocks of several processes have one.
  const order = `${String(Date.now()).padStart(15, "0")}-${process.pid}-${String(count++).padStart(6, "0")}`;
  const path = join(requests, `${order}${SUFFIX}`);
  const partial = `${path}.partial`;
  mkdirSync(requests, { recursive: true });
  try {
    writeFileSync(partial, JSON.stringify(request));
    renameSync(partial, path);
  } catch (error) {
    // The run has just ended, and removed the folder.
    if (codeOf(error) === "ENOENT") throw notRunning(directory, action);
    throw error;
  }
  return id;
}

function notRunning(directory: string, action: RunAction): TrainerError {
  return new TrainerError(
    "ERR_NOT_RUNNING",
    `${action}: a process must be working on the run, got none for ${directory}. Go on with the run first, with resume.`,
  );
}

/** The requests of a folder as the process sees them that holds the run's lock. */
export class RequestFolder implements Disposable {
  readonly #path: string;
  readonly #owner: Owner;

  constructor(directory: string, owner: Owner) {
    this.#path = runPaths(directory).requests;
    this.#owner = owner;
  }

  /** Takes out what is there: each is returned once. */
  take(): RunRequest[] {
    const { pid, since } = this.#owner;
    return filesIn(this.#path).flatMap((name) => {
      const request = takeRequest(join(this.#path, name));
      if (request?.to?.pid !== pid || request.to.since !== since) return [];
      return [{ id: request.id, action: request.action }];
    });
  }

  /** What nobody has served is void. */
  [Symbol.dispose](): void {
    rmSync(this.#path, { recursive: true, force: true });
  }
}

/** A folder that cannot be read asks for nothing: usually it is not there. */
function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(SUFFIX))
      .sort();
  } catch {
    return [];
  }
}

/** Nothing where the file is no request, and where it cannot be removed: it would be served again. */
function takeRequest(path: string): StoredRequest | undefined {
  try {
    const text = readFileSync(path, "utf8");
    rmSync(path);
    const value = JSON.parse(text) as Partial<StoredRequest> | null;
    const isRequest = typeof value?.id === "string" && RUN_ACTIONS.includes(value.action!);
    return isRequest ? (value as StoredRequest) : undefined;
  } catch {
    return undefined;
  }
}
