/** A run as it stands. */
import { basename, resolve } from "node:path";
import type { RunConfig } from "@ane/trainer";
import { EventReader } from "./event-batches.js";
import type { RecordedEvent } from "./recorded-event.js";
import { reduceRun } from "./reduce-run.js";
import { eventsPath, readConfig } from "./run-paths.js";
import { initialRunState, type RunState } from "./run-state.js";
import { type RunStatus, runStatus } from "./run-status.js";

export interface Run {
  /** Absolute. */
  readonly directory: string;
  /** Name of the folder. */
  readonly id: string;
  readonly status: RunStatus;
  readonly config: RunConfig;
  readonly state: RunState;
}

/** @throws RunRecordsError with code ERR_NO_RUN or ERR_RUN_FILES */
export async function readRun(path: string): Promise<Run> {
  const directory = resolve(path);
  const config = readConfig(directory);
  let state = initialRunState(config);
  for await (const event of readEvents(directory)) state = reduceRun(state, event);
  const status = runStatus(directory, state.done);
  return { directory, id: basename(directory), status, config, state };
}

/** All events of the record, void ones included. @throws RunRecordsError with code ERR_RUN_FILES */
export async function* readEvents(directory: string): AsyncGenerator<RecordedEvent, void, void> {
  using reader = new EventReader(eventsPath(directory), 0);
  for await (const { events } of reader.read()) yield* events;
}
