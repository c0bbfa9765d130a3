/** Kills runs at random points until enough kills are done; each run is resumed until it is complete. */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { TrainOptions } from "../../src/index.js";
import { attempt } from "./attempt.js";
import { checkCompleteRun, checkRun } from "./check-run.js";
import { drawKillPoint } from "./kill-point.js";
import type { ReferenceRun } from "./reference-run.js";

export interface Subject {
  readonly name: string;
  readonly options: TrainOptions & { readonly saveEvery: number; readonly keep: number };
  readonly reference: ReferenceRun;
  /** More than one: under mpirun. */
  readonly ranks: number;
}

export interface CampaignSummary {
  kills: number;
  completeRuns: number;
  /** Kills by moment and victim. */
  readonly points: Record<string, number>;
  /** Kills by the micro-steps that were lost. */
  readonly lost: Record<number, number>;
  tornLines: number;
  partialFiles: number;
  locks: number;
  /** Kills after which the next attempt began without waiting for what was left of the killed one. */
  hasty: number;
}

/** @param tell Called after each complete run. @throws An assertion's error, or what a run said of itself, if any rule is broken. */
export async function campaign(
  subjects: readonly Subject[],
  folder: string,
  kills: number,
  draw: () => number,
  tell: (soFar: CampaignSummary) => void,
): Promise<CampaignSummary> {
  const summary: CampaignSummary = {
    kills: 0,
    completeRuns: 0,
    points: {},
    lost: {},
    tornLines: 0,
    partialFiles: 0,
    locks: 0,
    hasty: 0,
  };
  for (let run = 0; summary.kills < kills; run++) {
    const out = join(folder, `killed-${run}`);
    await untilComplete(subjects[run % subjects.length]!, out, kills, draw, summary);
    rmSync(out, { recursive: true });
    tell(summary);
  }
  return summary;
}

async function untilComplete(
  { options, reference, ranks }: Subject,
  out: string,
  kills: number,
  draw: () => number,
  summary: CampaignSummary,
): Promise<void> {
  const { saveEvery, keep } = options;
  for (;;) {
    const point = summary.kills < kills ? drawKillPoint(draw, ranks) : undefined;
    const begun = existsSync(join(out, "config.json"));
    const end = await attempt(begun ? { resume: out } : { ...options, out }, out, point, ranks);
    for (const [step, loss] of end.losses) expect(loss).toBe(reference.losses.get(step));
    if (end.code === 0) {
      checkCompleteRun(out, reference, keep);
      summary.completeRuns += 1;
      if (end.killed) count(summary, `${point?.moment} successor`);
      return;
    }
    // Only a kill may end a run before its time; a supervisor whose worker was killed says so, but a launcher may end it first.
    const isSilent = ranks === 1 && end.code !== null && !end.stderr.includes("resume");
    if (!end.killed || isSilent) {
      throw new Error(`the run must be complete, got exit code ${end.code}: ${end.stderr}`);
    }
    count(summary, `${point?.moment} ${point?.victim}`);
    if (point?.hasty) {
      summary.hasty += 1;
      continue;
    }
    const found = checkRun(out, reference, saveEvery);
    summary.lost[found.lost] = (summary.lost[found.lost] ?? 0) + 1;
    summary.tornLines += Number(found.tornLine);
    summary.partialFiles += Number(found.partialFile);
    summary.locks += Number(found.lock);
  }
}

function count(summary: CampaignSummary, point: string): void {
  summary.kills += 1;
  summary.points[point] = (summary.points[point] ?? 0) + 1;
}
