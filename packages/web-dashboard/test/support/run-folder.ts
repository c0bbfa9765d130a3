/** Runs as the trainer writes them, in a temporary folder, with events made up by the test. */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** What a run trains, as far as the dashboard looks at it. */
export const config = {
  version: 1,
  recipe: {
    model: { name: "tiny", vocabSize: 32000, dim: 64 },
    pipeline: "dynamic",
    data: { sha256: "00", tokens: 6400 },
    seq: 64,
    accum: 2,
    lr: 1e-3,
    clip: 1,
    seed: 42,
  },
  execution: { device: "cpu", steps: 100, minutes: 0, validationPath: null },
};

export function runEvent(resumedFrom = 0) {
  return {
    type: "run",
    time: 1_700_000_000_000,
    directory: "/runs/a",
    model: "tiny",
    parameters: 2_130_000,
    pipeline: "dynamic",
    device: "cpu: made up",
    seed: 42,
    steps: 100,
    minutes: 0,
    accum: 2,
    ranks: 1,
    trainTokens: 6400,
    classes: 32000,
    resumedFrom,
    flopsPerStep: 2e9,
    refusedCheckpoints: [],
  };
}

/** Micro-steps `from` to `to`, both included, of 10 ms and 64 tokens; their loss is 10 − step / 10. */
export function stepEvents(from: number, to: number) {
  const parts = ["data", "device", "conversion", "classifier", "loss", "weightGradient"];
  return Array.from({ length: to - from + 1 }, (_, index) => ({
    type: "step",
    step: from + index,
    loss: 10 - (from + index) / 10,
    lr: 1e-3,
    ms: 10,
    tokens: 64,
    breakdown: Object.fromEntries(parts.map((part) => [part, part === "device" ? 5 : 1])),
    counts: { deviceFlops: 4e8, cpuFlops: 1e9 },
  }));
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "web-dashboard-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** @returns The run's folder. */
export function writeRun(root: string, name: string, events: readonly object[]): string {
  const directory = join(root, name);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "config.json"), JSON.stringify(config));
  addEvents(directory, events);
  return directory;
}

export function addEvents(directory: string, events: readonly object[]): void {
  const lines = events.map((event) => `${JSON.stringify(event)}\n`);
  appendFileSync(join(directory, "events.jsonl"), lines.join(""));
}
