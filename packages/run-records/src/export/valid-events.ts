/** The events of a run that no resume made void, each with its time. */
import { statSync } from "node:fs";
import { readEvents } from "../read-run.js";
import type { RecordedEvent } from "../recorded-event.js";
import { configPath } from "../run-paths.js";

export interface TimedEvent {
  readonly event: RecordedEvent;
  /** Milliseconds since 1970. Where the record has none: from when the run was configured, and what events took since. */
  readonly time: number;
}

/** Reads the record twice, and keeps none of it. @throws RunRecordsError with code ERR_RUN_FILES */
export async function* validEvents(directory: string): AsyncGenerator<TimedEvent, void, void> {
  const starts: number[] = [];
  for await (const event of readEvents(directory)) {
    if (event.type === "run") starts.push(event.resumedFrom);
  }
  let invocation = 0;
  let time = statSync(configPath(directory)).mtimeMs;
  for await (const event of readEvents(directory)) {
    if (event.type === "run") invocation += 1;
    time = event.time ?? time + ("ms" in event ? event.ms : 0);
    const lastValid = Math.min(...starts.slice(invocation));
    if (!("step" in event) || event.step <= lastValid) yield { event, time };
  }
}
