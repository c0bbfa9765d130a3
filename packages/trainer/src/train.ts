/** The ways in: resolve the options, take the run's folder, do the work, tell what happens. */
import { agreeOnRun } from "./distributed/agree-on-run.js";
import { Rank } from "./distributed/rank.js";
import { inWholeUpdates, optionsOfAll } from "./distributed/share-options.js";
import { ReportBuilder } from "./efficiency-report.js";
import { OptionError } from "./errors.js";
import type { TrainEvent } from "./events.js";
import { expectMemory } from "./expect-memory.js";
import { openRunDevice } from "./open-run-device.js";
import type { TrainOptions } from "./options.js";
import { findOrigin } from "./origin.js";
import { resolveRun } from "./resolve-run.js";
import type { ResolvedRun, RunConfig } from "./run-config.js";
import { OpenRequests, type RunControl } from "./run-control.js";
import { RunFolder } from "./run-folder.js";
import { runHere } from "./run-here.js";
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
  if (options.distributed !== undefined) {
    throw new OptionError(
      "distributed",
      `must be left out in trainInProcess, got ${options.distributed}. Use train, which keeps the connection in a process of its own.`,
    );
  }
  return conduct(options, runHere);
}

/** Between two looks at what other processes ask for. */
const INBOX_INTERVAL_MS = 250;

type Work = (
  directory: string,
  config: RunConfig,
  signal: AbortSignal,
  requests: OpenRequests,
  rank?: Rank,
) => AsyncGenerator<TrainEvent, SessionEnd, void>;

async function* conduct(
  { signal, control, distributed, ...options }: TrainOptions,
  work: Work,
): AsyncGenerator<TrainEvent, void, void> {
  using rank = await Rank.join(distributed);
  const run = rank ? await sharedRun(options, rank) : await resolveRun(options);
  expectMemory(run.config.recipe);
  openRunDevice(run.config).dispose(); // a device that is not there shows before anything is written
  if (rank && rank.place.rank > 0) await follow(run, work, rank, signal);
  else yield* lead(run, work, rank, signal, control);
}

async function sharedRun(options: TrainOptions, { group }: Rank): Promise<ResolvedRun> {
  const run = await resolveRun(optionsOfAll(options, group.size));
  return inWholeUpdates(await agreeOnRun(group, options, run), group.size);
}

/** Works on a run that another rank writes and tells of. */
async function follow(
  { directory, config }: ResolvedRun,
  work: Work,
  rank: Rank,
  signal = new AbortController().signal,
): Promise<void> {
  const events = work(directory, config, signal, new OpenRequests(), rank);
  while (!(await events.next()).done);
  await rank.leave();
}

async function* lead(
  run: ResolvedRun,
  work: Work,
  rank: Rank | undefined,
  signal: AbortSignal | undefined,
  control: RunControl | undefined,
): AsyncGenerator<TrainEvent, void, void> {
  const { directory, config } = run;
  const report = new ReportBuilder();
  using folder = RunFolder.open(run);
  const { log } = folder;
  const stop = new AbortController();
  const abort = () => stop.abort();
  const requests = new OpenRequests();
  const origin = findOrigin(process.cwd());
  const publish = (happened: TrainEvent): TrainEvent => {
    const event = { ...happened, time: Date.now() };
    report.add(event);
    log.append(event);
    if (log.failure) abort();
    if (event.type === "request") requests.served(event.id);
    return event;
  };
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  control?.connect((request) => requests.add(request));
  const inbox = setInterval(() => {
    for (const request of folder.requests.take()) requests.add(request);
  }, INBOX_INTERVAL_MS).unref();
  try {
    const events = work(directory, config, stop.signal, requests, rank);
    /** The next event, each published once: before the caller has it, and also if it does not want it. */
    const advance = async (): Promise<IteratorResult<TrainEvent, SessionEnd>> => {
      const result = await events.next();
      if (result.done) return result;
      const { value } = result;
      return { value: publish(value.type === "run" ? { ...value, ...(await origin) } : value) };
    };
    let next = await advance();
    try {
      for (; !next.done; next = await advance()) yield next.value;
    } finally {
      // Only where the caller has stopped listening is there anything left.
      abort();
      while (!next.done) next = await advance();
    }
    await rank?.leave();
    const { step } = next.value;
    const reason = next.value.reason === "completed" ? "completed" : "interrupted";
    const done = publish({ type: "done", reason, step, directory, report: report.build() });
    if (log.failure) throw log.failure;
    yield done;
  } finally {
    signal?.removeEventListener("abort", abort);
    clearInterval(inbox);
    control?.disconnect();
  }
}
