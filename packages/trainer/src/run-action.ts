/** What may be asked of a run from outside while it works: `RunControl` and `requestRun`. */

/** Ranks agree on an action by its place here. */
export const RUN_ACTIONS = [
  "checkpoint",
  "evaluate",
  "sample",
  "pause",
  "resume",
  "finish",
] as const;

/** One of them. */
export type RunAction = (typeof RUN_ACTIONS)[number];
