/** The ways in: resolve the options, take the run's folder, do the work, tell what happens. */
import { mkdirSync } from "node:fs";
import { ReportBuilder } from "./efficiency-report.js";
import { EventLog } from "./event-log.js";
import type { TrainEvent } from "./events.js";
import { openRunDevice } from "./open-run-device.js";
import { expectNoRun } from "./option-rules.js";
import type { TrainOptions } from "./options.js";
import { resolveOptions } from "./resolve-options.js";
import { type RunConfig, writeRunConfig } from "./run-config.js";
import { runPaths } from "./run-directory.js";
import { runHere } from "./run-here.js";
import { RunLock } from "./run-lock.js";
import type { SessionEnd } from "./session.js";
import { supervise } from "./supervise.js";

/**
 * Trains a model in processes of its own, replaced when they have no compilations left. The last event is `done`; a run that
 * stopped for any other reason is continued with `resume`, and its losses are then those of a run that never stopped. A
 * caller that stops listening interrupts the run, as the signal does.
 * @throws OptionError before any work; RunLockedError if another process works on the run; DivergedError; CheckpointError;
 *   WorkerError if the working process dies; otherwise a TrainerError with the code of what went wrong.
 */
export function train(options: TrainOptions = {}): AsyncGenerator<TrainEvent, void, void> {
  return conduct(options, supervise);
}

/**
 * Like `train`, but in the calling process, which is busy during each micro-step and cannot be replaced.
 * @throws As `train`; TrainerError with code ERR_BUDGET where the process has no compilations left: the run is saved then.
 */
export function trainInProcess(options: TrainOptions = {}): AsyncGenerator<TrainEvent, void, void> {
  return conduct(options, runHere);
}

type Work = (
  directory: string,
  config: RunConfig,
  signal: AbortSignal,
) => AsyncGenerator<TrainEvent, SessionEnd, void>;

async function* conduct(
  { signal, ...options }: TrainOptions,
  work: Work,
): AsyncGenerator<TrainEvent, void, void> {
  const report = new ReportBuilder();
  const { directory, config, resumed } = resolveOptions(options);
  const paths = runPaths(directory);
  openRunDevice(config).dispose(); // a device that is not there shows before anything is written
  mkdirSync(directory, { recursive: true });
  const lock = RunLock.acquire(paths.lock);
  const stop = new AbortController();
  const abort = () => stop.abort();
  try {
    if (!resumed) expectNoRun(directory); // another process may have been faster
    writeRunConfig(paths.config, config);
    using log = new EventLog(paths.events);
    const publish = (event: TrainEvent): TrainEvent => {
      report.add(event);
      log.append(event);
      return event;
    };
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort);
    const events = work(directory, config, stop.signal);
    let next = await events.next();
    try {
      for (; !next.done; next = await events.next()) yield publish(next.value);
    } finally {
      // Only where the caller has stopped listening is there anything left.
      abort();
      for (; !next.done; next = await events.next()) publish(next.value);
    }
    const { step } = next.value;
    const reason = next.value.reason === "completed" ? "completed" : "interrupted";
    yield publish({ type: "done", reason, step, directory, report: report.build() });
  } finally {
    signal?.removeEventListener("abort", abort);
    lock.dispose();
  }
}
