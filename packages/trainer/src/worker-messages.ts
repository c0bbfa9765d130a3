/** What supervisor and worker say to each other. Plain data: it crosses a process boundary as JSON. */
import type { CollectiveAnswer, CollectiveRequest } from "./distributed/peers.js";
import type { ErrorRecord } from "./errors.js";
import type { RunEvent, TrainEvent } from "./events.js";
import type { ProcessUsage } from "./process-usage.js";
import type { RunRequest } from "./run-control.js";
import type { SessionEnd, SessionOptions, SessionStart } from "./session.js";

export type ToWorker =
  /** The first message: everything that needs no state of the run is to be made ready. */
  | { readonly type: "prepare"; readonly session: SessionOptions }
  /** The state is this worker's now. */
  | { readonly type: "begin"; readonly start: SessionStart }
  | { readonly type: "abort" }
  /** Asked for from outside. */
  | { readonly type: "request"; readonly request: RunRequest }
  /** To the oldest request that has none. */
  | { readonly type: "collective"; readonly answer: CollectiveAnswer }
  /** Another rank has ended: the last complete update is to be saved, then the process ends. */
  | { readonly type: "rescue" };

export type FromWorker =
  /** State and device are open; work begins. */
  | { readonly type: "ready"; readonly run: RunEvent }
  | { readonly type: "event"; readonly event: TrainEvent }
  /** What this process takes of the machine; comes about every two seconds. */
  | { readonly type: "usage"; readonly usage: ProcessUsage }
  /** Something to be done with the other ranks. */
  | { readonly type: "collective"; readonly request: CollectiveRequest }
  /** Another worker will have to go on after the present update: time to prepare it. */
  | { readonly type: "successorDue" }
  | { readonly type: "end"; readonly end: SessionEnd }
  | { readonly type: "error"; readonly error: ErrorRecord };
