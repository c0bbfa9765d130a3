/** What supervisor and worker say to each other. Plain data: it crosses a process boundary as JSON. */
import type { ErrorRecord } from "./errors.js";
import type { RunEvent, TrainEvent } from "./events.js";
import type { SessionEnd, SessionOptions } from "./session.js";

export type ToWorker =
  | { readonly type: "start"; readonly session: SessionOptions }
  | { readonly type: "abort" };

export type FromWorker =
  /** State and device are open; work begins. */
  | { readonly type: "ready"; readonly run: RunEvent }
  | { readonly type: "event"; readonly event: TrainEvent }
  | { readonly type: "end"; readonly end: SessionEnd }
  | { readonly type: "error"; readonly error: ErrorRecord };
