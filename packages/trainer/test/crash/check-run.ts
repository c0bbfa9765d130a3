/** What must be true of a run's folder whenever all its processes are gone, however they went. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect } from "vitest";
import type { StepEvent, TrainEvent } from "../../src/index.js";
import { readSections } from "../support/section-digests.js";
import type { ReferenceRun } from "./reference-run.js";

export interface RunFindings {
  /** Micro-steps that the next process will do again, of those that were told of. */
  readonly lost: number;
  /** What the killed processes left: a last line without its end, a file half-written, a lock. */
  readonly tornLine: boolean;
  readonly partialFile: boolean;
  readonly lock: boolean;
}

/** @param saveEvery Of the run: so much may be lost, and no more. */
export function checkRun(
  directory: string,
  reference: ReferenceRun,
  saveEvery: number,
): RunFindings {
  const log = checkLog(directory, reference, saveEvery);
  const saved = checkCheckpoints(join(directory, "checkpoints"), reference);
  expect(log.told - saved).toBeLessThanOrEqual(saveEvery);
  const files = [...namesIn(directory), ...namesIn(join(directory, "checkpoints"))];
  return {
    lost: Math.max(0, log.told - saved),
    tornLine: log.tornLine,
    partialFile: files.some((name) => name.endsWith(".partial")),
    lock: files.includes("lock"),
  };
}

/** Every checkpoint under its final name is whole and holds the reference's bits. @returns Micro-steps of the newest. */
function checkCheckpoints(folder: string, { states }: ReferenceRun): number {
  const steps = namesIn(folder)
    .filter((name) => name.endsWith(".ckpt"))
    .map((name) => {
      const { step, digests } = readSections(join(folder, name));
      expect({ step, ...states.get(step) }).toMatchObject({ step, ...digests });
      return basename(name) === "best.ckpt" ? 0 : step;
    });
  return Math.max(0, ...steps);
}

/** Whole lines, each an event; losses and their order are the reference's, of which ranks tell once a round. */
function checkLog(directory: string, reference: ReferenceRun, saveEvery: number) {
  const [stride = 1] = reference.losses.keys();
  const path = join(directory, "events.jsonl");
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const lines = text.split("\n");
  const tornLine = lines.pop() !== "";
  let told = 0;
  let next = stride;
  for (const event of lines.map((line) => JSON.parse(line) as TrainEvent)) {
    if (event.type === "run") {
      expect(event.refusedCheckpoints).toEqual([]);
      expect(told - event.resumedFrom).toBeLessThanOrEqual(saveEvery);
      next = event.resumedFrom + stride;
    } else if (event.type === "step") {
      expect([event.step, event.loss]).toEqual([next, reference.losses.get(next)]);
      told = Math.max(told, (event as StepEvent).step);
      next += stride;
    }
  }
  return { told, tornLine };
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Of a run that is complete: nothing is left over, and its last state is the reference's. */
export function checkCompleteRun(directory: string, reference: ReferenceRun, keep: number): void {
  expect(readdirSync(directory).sort()).toEqual(["checkpoints", "config.json", "events.jsonl"]);
  const folder = join(directory, "checkpoints");
  const last = readdirSync(folder).filter((name) => name !== "best.ckpt");
  expect(last).toHaveLength(keep);
  const steps = Math.max(...reference.losses.keys());
  const { digests } = readSections(join(folder, `step-${String(steps).padStart(8, "0")}.ckpt`));
  expect(digests).toEqual(reference.states.get(steps));
  expect(readSections(join(folder, "best.ckpt")).step).toBe(reference.best);
}
