/** Runs workers one after the other until the run ends; their events come out as one stream. */
import { Collectives } from "./distributed/collectives.js";
import type { Rank } from "./distributed/rank.js";
import { errorFrom, WorkerError } from "./errors.js";
import type { RestartEvent, TrainEvent } from "./events.js";
import type { RunConfig } from "./run-config.js";
import type { OpenRequests } from "./run-control.js";
import type { SessionEnd } from "./session.js";
import { sharedStateMemory } from "./state-memory.js";
import { SystemMeter } from "./system-meter.js";
import { type WorkerExit, WorkerProcess } from "./worker-process.js";

/** A process has told what it takes of the machine. */
interface Progress {
  readonly type: "usage";
  readonly step: number;
}

/** How a worker ended, and when its last event came. */
interface Ended {
  readonly end: SessionEnd;
  readonly lastEventAt: number;
}

/** @throws What the worker threw; WorkerError if it ended without a word, PeerError if another rank did; StateError if there is no memory for the state. */
export async function* supervise(
  directory: string,
  config: RunConfig,
  signal: AbortSignal,
  requests: OpenRequests,
  rank?: Rank,
): AsyncGenerator<TrainEvent, SessionEnd, void> {
  using state = sharedStateMemory(config);
  using collectives = rank && new Collectives(rank, state.descriptor, config);
  const session = { directory, config, place: rank?.place };
  const prepare = () => new WorkerProcess(session, state.descriptor, collectives);
  const meter = new SystemMeter();
  let successor: WorkerProcess | undefined;
  let previous: Ended | undefined;
  try {
    for (;;) {
      // One that died while it waited has taken nothing with it.
      const worker: WorkerProcess = successor && !successor.hasEnded ? successor : prepare();
      successor = undefined;
      const abort = () => worker.abort();
      const rescue = () => worker.rescue();
      signal.addEventListener("abort", abort);
      if (signal.aborted) abort();
      rank?.lost.addEventListener("abort", rescue);
      if (rank?.lost.aborted) rescue();
      try {
        worker.begin(previous ? "takeUp" : "restore");
        requests.subscribe((request) => worker.request(request));
        const relayed = relay(worker, directory, previous, () => {
          successor = prepare();
        });
        const ended = yield* metered(relayed, meter, () => [worker, successor]);
        if (ended && ended.end.reason !== "budgetSpent") return ended.end;
        previous = ended ?? previous;
      } catch (error) {
        throw rank?.lost.aborted && error instanceof WorkerError ? rank.lost.reason : error;
      } finally {
        signal.removeEventListener("abort", abort);
        rank?.lost.removeEventListener("abort", rescue);
        await worker.ended;
      }
    }
  } finally {
    await successor?.stop();
  }
}

/** The events, and where a process has told what it takes, what all of them take. */
async function* metered<T>(
  relayed: AsyncGenerator<TrainEvent | Progress, T, void>,
  meter: SystemMeter,
  workers: () => readonly (WorkerProcess | undefined)[],
): AsyncGenerator<TrainEvent, T, void> {
  let next = await relayed.next();
  for (; !next.done; next = await relayed.next()) {
    const { value } = next;
    if (value.type !== "usage") yield value;
    else if (meter.isDue) {
      const others = workers().flatMap((worker) => worker?.usage ?? []);
      yield meter.read(value.step, others);
    }
  }
  return next.value;
}

/** Without a handler of their own yet, these end a process that is being started: Ctrl-C reaches all of a terminal's. */
const ENDING_SIGNALS = new Set(["SIGINT", "SIGTERM", "SIGHUP"]);

/** @returns Nothing where a signal ended the worker before it had begun: another can take its place. */
async function* relay(
  worker: WorkerProcess,
  directory: string,
  previous: Ended | undefined,
  prepareSuccessor: () => void,
): AsyncGenerator<TrainEvent | Progress, Ended | undefined, void> {
  let hasBegun = false;
  let lastStep = previous?.end.step;
  let lastEventAt = performance.now();
  let end: SessionEnd | undefined;
  const messages = worker.messages();
  let next = await messages.next();
  for (; !next.done; next = await messages.next()) {
    const message = next.value;
    switch (message.type) {
      case "ready":
        hasBegun = true;
        lastStep = message.run.resumedFrom;
        yield previous ? restartEvent(previous) : message.run;
        break;
      case "event":
        lastEventAt = performance.now();
        if (message.event.type === "step") lastStep = message.event.step;
        yield message.event;
        break;
      case "usage":
        if (hasBegun) yield { type: "usage", step: lastStep ?? 0 };
        break;
      case "successorDue":
        prepareSuccessor();
        break;
      case "end":
        end = message.end;
        break;
      case "error":
        throw errorFrom(message.error);
    }
  }
  if (end) return { end, lastEventAt };
  if (!hasBegun && ENDING_SIGNALS.has(next.value.signal ?? "")) return undefined;
  throw crash(next.value, lastStep, directory);
}

function restartEvent({ end, lastEventAt }: Ended): RestartEvent {
  const { step, used, limit } = end;
  return { type: "restart", step, used, limit, ms: performance.now() - lastEventAt };
}

function crash(
  { code, signal, stderr }: WorkerExit,
  lastStep: number | undefined,
  directory: string,
) {
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
  const where =
    lastStep === undefined ? "before its first micro-step" : `after micro-step ${lastStep}`;
  const said = stderr.trim() === "" ? "" : ` It wrote: ${stderr.trim()}`;
  return new WorkerError(
    `worker: the training process must end with its run, got ${how} ${where}. ` +
      `Continue from the last checkpoint with resume: "${directory}".${said}`,
  );
}
