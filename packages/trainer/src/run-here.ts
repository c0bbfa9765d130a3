/** Does the work of a run in the calling process. */
import { TrainerError } from "./errors.js";
import type { TrainEvent } from "./events.js";
import { openModel } from "./open-model.js";
import type { RunConfig } from "./run-config.js";
import type { OpenRequests } from "./run-control.js";
import { Session, type SessionEnd } from "./session.js";
import { ownStateMemory } from "./state-memory.js";
import { SystemMeter } from "./system-meter.js";

/** @throws TrainerError (ERR_BUDGET) when the process has no compilations left; the state is saved then. */
export async function* runHere(
  directory: string,
  config: RunConfig,
  signal: AbortSignal,
  requests: OpenRequests,
): AsyncGenerator<TrainEvent, SessionEnd, void> {
  using session = new Session(
    { directory, config },
    ownStateMemory(config),
    await openModel(config),
  );
  await session.open("restore");
  yield session.describe();
  requests.subscribe((request) => session.request(request));
  const end = yield* metered(session.run(signal));
  if (end.reason !== "budgetSpent") return end;
  yield* session.saveIfNew();
  throw new TrainerError(
    "ERR_BUDGET",
    `trainInProcess: a process may compile ${end.limit} kernels, got ${end.used} compiled after micro-step ${end.step}. ` +
      `Continue in another process with resume: "${directory}", or use train, which replaces its processes.`,
  );
}

/** The events, and after a micro-step what this process takes of the machine. */
async function* metered(
  events: AsyncGenerator<TrainEvent, SessionEnd, void>,
): AsyncGenerator<TrainEvent, SessionEnd, void> {
  const meter = new SystemMeter();
  let next = await events.next();
  for (; !next.done; next = await events.next()) {
    yield next.value;
    if (next.value.type === "step" && meter.isDue) yield meter.read(next.value.step);
  }
  return next.value;
}
