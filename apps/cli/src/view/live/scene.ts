/** All that a picture of a run depends on, besides its size: equal scenes give equal pictures. */
import type { RunNumbers, RunState, RunStatus } from "@ane/run-records";
import type { Controls } from "./controls.js";
import type { Glyphs } from "./style.js";

export interface Scene {
  readonly state: RunState;
  readonly numbers: RunNumbers;
  readonly status: RunStatus;
  /** Share of the record that has been read, where the state is not yet what is written; undefined where it is. */
  readonly reading?: number | undefined;
  readonly controls: Controls;
  readonly glyphs: Glyphs;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Minutes east of UTC, for times of day. */
  readonly utcOffset: number;
  /** 10^12 operations per second that the device reached in a benchmark; undefined where it was not measured. */
  readonly peakTflops?: number | undefined;
  /** What was just done, or could not be. */
  readonly notice: string | undefined;
  /** "train" is the process that trains, which the view is a part of; "dash" is attached to a run. */
  readonly role: "train" | "dash";
}

/** What panels say that have nothing to show. */
export function emptiness({ reading }: Scene): string {
  return reading === undefined ? "no micro-step yet" : "reading the record";
}

/** "14:05:09" of a moment. */
export function timeOfDay(ms: number, utcOffset: number): string {
  return new Date(ms + utcOffset * 60_000).toISOString().slice(11, 19);
}
