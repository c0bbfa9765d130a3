/** What a run does that nobody disturbs: its losses, and SHA-256 of every section of the state after every micro-step. */
import { join } from "node:path";
import { listCheckpoints } from "../../src/checkpoints.js";
import { type TrainOptions, trainInProcess } from "../../src/index.js";
import { readSections, type SectionDigests } from "../support/section-digests.js";
import { collect, losses } from "../support/tiny-run.js";

export interface ReferenceRun {
  readonly losses: ReadonlyMap<number, number>;
  /** By the number of micro-steps done. */
  readonly states: ReadonlyMap<number, SectionDigests>;
}

export async function referenceRun(options: TrainOptions, out: string): Promise<ReferenceRun> {
  const everything = { saveEvery: 1, keep: Number.MAX_SAFE_INTEGER, compileBudget: 0 };
  const events = await collect(trainInProcess({ ...options, ...everything, out }));
  const files = listCheckpoints(join(out, "checkpoints"));
  return {
    losses: new Map(losses(events)),
    states: new Map(files.map(({ step, path }) => [step, readSections(path).digests])),
  };
}
