/**
 * Saves the last complete update of a run that has lost a rank. Between updates the state is the same on all ranks, and within one
 * only the gradients change, so any rank can save; the run's lock sees to it that no resumed run has begun already.
 */
import { setTimeout } from "node:timers/promises";
import type { Checkpoints, Saved } from "../checkpoints.js";
import { RunLockedError } from "../errors.js";
import { RunLock } from "../run-lock.js";
import type { RunState } from "../run-state.js";

const RETRY_MS = 50;
/** Until rank 0's supervisor, which has the lock, has ended or saved: longer than any checkpoint takes. */
const PATIENCE_MS = 120_000;

export interface RescueOptions {
  readonly state: RunState;
  readonly accum: number;
  readonly checkpoints: Checkpoints;
  /** Of the lock to be taken; undefined where this rank's supervisor has it. */
  readonly lock: string | undefined;
}

/**
 * Nothing where there is a checkpoint of the update already.
 * @throws CheckpointError; RunLockedError if another process works on the run
 */
export async function rescue(options: RescueOptions): Promise<Saved | undefined> {
  const { state, accum, checkpoints, lock } = options;
  const completeStep = () => state.step - (state.step % accum); // until the last answers have been worked on
  const isSaved = () => checkpoints.newestStep >= completeStep();
  using _lock = lock === undefined ? undefined : await acquire(lock, isSaved);
  if (isSaved()) return undefined;
  state.step = completeStep();
  return checkpoints.save(state, false);
}

/** Undefined once the work of the holder has made it needless. */
async function acquire(path: string, needless: () => boolean): Promise<RunLock | undefined> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    if (needless()) return undefined;
    try {
      return RunLock.acquire(path);
    } catch (error) {
      if (!(error instanceof RunLockedError) || performance.now() > deadline) throw error;
    }
    await setTimeout(RETRY_MS);
  }
}
