/** The folder of a run as one process works in it: locked, with the configuration written and the event log open. */
import { mkdirSync } from "node:fs";
import { removePartialFiles } from "./atomic-file.js";
import { listCheckpoints } from "./checkpoints.js";
import { codeOf, OptionError } from "./errors.js";
import { EventLog } from "./event-log.js";
import { messageOf } from "./input-files.js";
import { expectNoRun } from "./option-rules.js";
import { RequestFolder } from "./request-folder.js";
import { type ResolvedRun, writeRunConfig } from "./run-config.js";
import { runPaths } from "./run-directory.js";
import { RunLock } from "./run-lock.js";

export class RunFolder implements Disposable {
  readonly log: EventLog;
  readonly requests: RequestFolder;
  readonly #lock: RunLock;

  private constructor(lock: RunLock, log: EventLog, requests: RequestFolder) {
    this.#lock = lock;
    this.log = log;
    this.requests = requests;
  }

  /** @throws OptionError if the folder cannot be written to, a new run's holds a run, or a resumed run has done more than it is to do; RunLockedError */
  static open(run: ResolvedRun): RunFolder {
    try {
      return RunFolder.#open(run);
    } catch (cause) {
      if (cause instanceof Error && "syscall" in cause) throw notWritable(run, cause);
      throw cause;
    }
  }

  static #open({ directory, config, resumed }: ResolvedRun): RunFolder {
    const paths = runPaths(directory);
    mkdirSync(directory, { recursive: true });
    const lock = RunLock.acquire(paths.lock);
    try {
      if (resumed) expectStepsLeft(config.execution.steps, paths.checkpoints);
      else expectNoRun(directory); // another process may have been faster
      removePartialFiles(directory);
      writeRunConfig(paths.config, config);
      return new RunFolder(
        lock,
        new EventLog(paths.events),
        new RequestFolder(directory, lock.owner),
      );
    } catch (error) {
      lock.dispose();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.requests[Symbol.dispose]();
    this.log.dispose();
    this.#lock.dispose();
  }
}

function expectStepsLeft(steps: number, checkpoints: string): void {
  const done = listCheckpoints(checkpoints)[0]?.step ?? 0;
  if (steps < done) {
    throw new OptionError(
      "steps",
      `must be at least the ${done} micro-steps that the run has done, got ${steps}. Steps count from the start of the run.`,
    );
  }
}

function notWritable({ directory, resumed }: ResolvedRun, cause: Error): OptionError {
  const remedy =
    codeOf(cause) === "ENOSPC"
      ? "Make disk space free"
      : "Choose one that is, or change its rights";
  return new OptionError(
    resumed ? "resume" : "out",
    `must be a folder that can be written to, got ${messageOf(cause)} for ${directory}. ${remedy}.`,
    { cause },
  );
}
