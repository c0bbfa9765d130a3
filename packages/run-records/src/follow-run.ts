/** The events of a run from the beginning, then as they come. */
import { setTimeout } from "node:timers/promises";
import { type EventBatch, EventReader } from "./event-batches.js";
import { eventsPath, readConfig } from "./run-paths.js";

export interface FollowOptions {
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
  /** Offset of an earlier batch to go on after, in bytes. Default 0. */
  readonly from?: number;
  /** How often the file is looked at. Default 200. */
  readonly pollMs?: number;
}

export interface FollowedBatch extends EventBatch {
  /** Nothing more had been written when this batch was read. Until then batches are history. */
  readonly live: boolean;
}

/**
 * Yields at least one batch, which may be empty, so that a view of a run without events can be drawn. Does not end with the
 * run: it may be resumed. Looks at the file's size at intervals, which works on every file system.
 * @throws RunRecordsError with code ERR_NO_RUN, ERR_RUN_FILES, or ERR_RECORD_REPLACED if the record is exchanged meanwhile.
 */
export async function* followRun(
  directory: string,
  { signal, from = 0, pollMs = 200 }: FollowOptions = {},
): AsyncGenerator<FollowedBatch, void, void> {
  readConfig(directory);
  using reader = new EventReader(eventsPath(directory), from);
  for (let isFirst = true; !signal?.aborted; isFirst = false) {
    let held: EventBatch | undefined;
    for await (const batch of reader.read()) {
      if (signal?.aborted) return;
      if (held) yield { ...held, live: false };
      held = batch;
    }
    const { offset } = reader;
    if (held || isFirst) yield { ...(held ?? { events: [], offset, size: offset }), live: true };
    await pause(pollMs, signal);
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await setTimeout(ms, undefined, signal && { signal });
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}
