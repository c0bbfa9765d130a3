/**
 * From a run's state to what a page is sent: everything at first, then only what is new. How far a page's curves reach is told by
 * a mark that any server which reads the same record understands, so a page goes on where it was after a restart of the server.
 */
import { type RunState, runNumbers } from "@ane/run-records";
import { pointsFromStep, pointsSince, wholeCurves } from "./curves.js";
import { type PeakOf, runFacts } from "./run-facts.js";
import type { Curves, LiveNumbers, RunFrame } from "./wire.js";

export interface Mark {
  /** Which record: milliseconds since 1970 of its first event, 0 where it does not say. */
  readonly began: number;
  /** Times that micro-steps became void. */
  readonly rewinds: number;
  readonly step: number;
}

export function markOf({ firstTime = 0, rewinds, step }: RunState): Mark {
  return { began: firstTime, rewinds, step };
}

/**
 * @param before What the page was sent last; undefined for nothing by this server.
 * @param mark How far it says that its curves reach, where it was sent nothing by this server.
 */
export function runFrame(
  run: { readonly id: string; readonly directory: string; readonly peakOf: PeakOf },
  state: RunState,
  before: RunState | undefined,
  mark: Mark | undefined,
): RunFrame {
  const old = before && isSameCourse(markOf(before), markOf(state)) ? before : undefined;
  const log = newOnes(old?.log, state.log);
  const samples = newOnes(old?.samples, state.samples).map(({ step, prompt, text }) => ({
    step,
    prompt,
    text,
  }));
  return {
    run: run.id,
    ...curveNews(state, old, mark),
    numbers: liveNumbers(state),
    wholeTexts: old === undefined,
    ...(old?.run === state.run && old?.config === state.config
      ? {}
      : { facts: runFacts(run.directory, state, run.peakOf) }),
    ...(log.length > 0 ? { log } : {}),
    ...(samples.length > 0 ? { samples } : {}),
  };
}

function curveNews(
  state: RunState,
  old: RunState | undefined,
  mark: Mark | undefined,
): { readonly wholeCurves: boolean; readonly curves: Curves } {
  if (old) return { wholeCurves: false, curves: pointsSince(state, old) };
  if (mark && isSameCourse(mark, markOf(state)))
    return { wholeCurves: false, curves: pointsFromStep(state, mark.step) };
  return { wholeCurves: true, curves: wholeCurves(state) };
}

/** Of one record, and nothing of the earlier has become void since. */
function isSameCourse(earlier: Mark, later: Mark): boolean {
  return (
    earlier.began === later.began && earlier.rewinds === later.rewinds && earlier.step <= later.step
  );
}

function liveNumbers(state: RunState): LiveNumbers {
  return {
    ...runNumbers(state),
    isPaused: state.isPaused,
    restarts: state.restarts,
    ...(state.system ? { system: state.system } : {}),
    ...(state.budget ? { budget: state.budget } : {}),
    ...(state.lastTime === undefined ? {} : { changed: state.lastTime }),
  };
}

/** Lists keep their items, but lose the oldest: what comes after the last of the old ones is new. */
function newOnes<Item>(old: readonly Item[] | undefined, now: readonly Item[]): readonly Item[] {
  const last = old?.at(-1);
  return last === undefined ? now : now.slice(now.lastIndexOf(last) + 1);
}
