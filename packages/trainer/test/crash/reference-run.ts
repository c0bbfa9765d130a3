/** What a run does that nobody disturbs: its losses, and SHA-256 of every section of the state wherever it can be saved. */
import { join } from "node:path";
import { listCheckpoints } from "../../src/checkpoints.js";
import { type TrainOptions, trainInProcess } from "../../src/index.js";
import { readSections, type SectionDigests } from "../support/section-digests.js";
import { collect, losses } from "../support/tiny-run.js";
import { attempt } from "./attempt.js";

export interface ReferenceRun {
  readonly losses: ReadonlyMap<number, number>;
  /** By the number of micro-steps done. */
  readonly states: ReadonlyMap<number, SectionDigests>;
  /** Micro-steps after which the held-out loss was lowest. */
  readonly best: number;
}

/** @param ranks One: in this process. */
export async function referenceRun(
  options: TrainOptions,
  out: string,
  ranks: number,
): Promise<ReferenceRun> {
  const everything = { saveEvery: 1, keep: Number.MAX_SAFE_INTEGER, compileBudget: 0 };
  const all = { ...options, ...everything, out };
  const told =
    ranks === 1
      ? losses(await collect(trainInProcess(all)))
      : (await attempt(all, out, undefined, ranks)).losses;
  const folder = join(out, "checkpoints");
  return {
    losses: new Map(told),
    states: new Map(
      listCheckpoints(folder).map(({ step, path }) => [step, readSections(path).digests]),
    ),
    best: readSections(join(folder, "best.ckpt")).step,
  };
}
