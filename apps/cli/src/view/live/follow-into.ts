/** Feeds a view from the record of a run: all that is there, then what comes. The same whoever trains, and however often it was resumed. */
import {
  followRun,
  initialRunState,
  RunRecordsError,
  readConfig,
  reduceRun,
} from "@ane/run-records";
import type { LiveView } from "./live-view.js";

/**
 * Until the signal.
 * @param onBatch Called when all that was written has been shown.
 * @throws RunRecordsError
 */
export async function followInto(
  view: LiveView,
  directory: string,
  signal: AbortSignal,
  onBatch: () => void = () => {},
): Promise<void> {
  while (!signal.aborted) {
    try {
      await follow(view, directory, signal, onBatch);
    } catch (error) {
      if (!(error instanceof RunRecordsError) || error.code !== "ERR_RECORD_REPLACED") throw error;
      view.announce("the record was replaced: read from its beginning");
    }
  }
}

async function follow(
  view: LiveView,
  directory: string,
  signal: AbortSignal,
  onBatch: () => void,
): Promise<void> {
  // What there is already comes in pieces: it is shown when all of it is there.
  let history = initialRunState(readConfig(directory));
  let isLive = false;
  for await (const { events, live, offset, size } of followRun(directory, { signal })) {
    if (isLive) view.show(events);
    else {
      history = events.reduce(reduceRun, history);
      if (live) view.take(history);
      else view.reading = offset / size;
      isLive = live;
    }
    if (live) onBatch();
  }
}
