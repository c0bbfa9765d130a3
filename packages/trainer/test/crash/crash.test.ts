/**
 * Kills training processes with SIGKILL at random points and resumes them. A sample runs with the other tests; `pnpm --filter
 * @ane/trainer crash --kills 500` does as many as wanted, with `--ranks 2` of ranks. Needs the built worker. POSIX only; ranks: Linux.
 */
import { join } from "node:path";
import { expect, it } from "vitest";
import type { TrainOptions } from "../../src/index.js";
import { mpirunMissing } from "../support/mpirun.js";
import { TINY_KERNELS, tinyModel, tinyRun } from "../support/tiny-run.js";
import { campaign, type Subject } from "./campaign.js";
import { drawsFrom } from "./kill-point.js";
import { referenceRun } from "./reference-run.js";

const kills = Number(process.env.ANE_CRASH_KILLS ?? 25);
const seed = Number(process.env.ANE_CRASH_SEED ?? 1);
/** More than one: under mpirun, each start of which takes seconds. */
const ranks = Number(process.env.ANE_CRASH_RANKS ?? 1);

/** Enough for a kill that waits for its moment in vain, several times over. */
const MS_PER_KILL = 20_000;

/** With checkpoints in the middle of updates, but for several ranks, which save every second update, and a best one. */
const common = {
  steps: 24 * ranks,
  accum: 3,
  saveEvery: ranks === 1 ? 2 : 2 * 3 * ranks,
  keep: 2,
  evalEvery: 7,
  evalWindows: 1,
} as const;

/** More parameters, so that a checkpoint takes a while to write; the text has as many ids as any tiny one. */
const text = { config: { ...tinyModel, vocabSize: 4096 }, ids: tinyModel.vocabSize };

async function subject(name: string, own: TrainOptions): Promise<Subject> {
  const { folder, options } = tinyRun({ ...common, ...own }, text);
  const all = { ...options, ...common, validation: options.data };
  const reference = await referenceRun(all, join(folder, "reference"), ranks);
  return { name, options: all, reference, ranks };
}

it.skipIf(ranks > 1 && mpirunMissing)(
  `${kills} kills (seed ${seed}, ranks: ${ranks}) lose no more than the save interval, and nothing of the result`,
  async () => {
    const { folder } = tinyRun();
    const subjects = [
      // Each process has the kernels for two updates.
      await subject("static", { pipeline: "static", compileBudget: TINY_KERNELS + 10 }),
      await subject("dynamic", { pipeline: "dynamic" }),
    ];
    const tell = process.env.ANE_CRASH_KILLS ? console.log : () => {};
    const summary = await campaign(subjects, folder, kills, drawsFrom(seed), tell);
    expect(summary.kills).toBeGreaterThanOrEqual(kills);
  },
  kills * MS_PER_KILL,
);
