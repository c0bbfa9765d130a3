/** Does the work of a run in the calling process. */
import { TrainerError } from "./errors.js";
import type { TrainEvent } from "./events.js";
import type { RunConfig } from "./run-config.js";
import { Session, type SessionEnd } from "./session.js";
import { ownStateMemory } from "./state-memory.js";

/** @throws TrainerError (ERR_BUDGET) when the process has no compilations left; the state is saved then. */
export async function* runHere(
  directory: string,
  config: RunConfig,
  signal: AbortSignal,
): AsyncGenerator<TrainEvent, SessionEnd, void> {
  using session = new Session({ directory, config }, ownStateMemory(config));
  await session.open("restore");
  yield session.describe();
  const end = yield* session.run(signal);
  if (end.reason !== "budgetSpent") return end;
  yield* session.saveIfNew();
  throw new TrainerError(
    "ERR_BUDGET",
    `trainInProcess: a process may compile ${end.limit} kernels, got ${end.used} compiled after micro-step ${end.step}. ` +
      `Continue in another process with resume: "${directory}", or use train, which replaces its processes.`,
  );
}
