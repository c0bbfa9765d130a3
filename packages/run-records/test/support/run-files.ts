/** Runs as the trainer writes them, in a temporary folder, with events made up by the test. */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Breakdown, EvaluationEvent, RunConfig, RunEvent, StepEvent } from "@ane/trainer";
import { onTestFinished } from "vitest";
import type { RecordedEvent } from "../../src/recorded-event.js";
import { reduceRun } from "../../src/reduce-run.js";
import { initialRunState, type RunState } from "../../src/run-state.js";

export const config = {
  version: 1,
  recipe: {
    model: { name: "tiny", vocabSize: 32000, dim: 64, layers: 2 },
    pipeline: "dynamic",
    data: { sha256: "00", tokens: 6400 },
    seq: 64,
    accum: 2,
    lr: 1e-3,
    clip: 1,
    seed: 42,
  },
  execution: { device: "cpu", steps: 100, minutes: 0, validationPath: "/held-out.bin" },
} as unknown as RunConfig;

const breakdown: Breakdown = {
  data: 0,
  device: 4,
  conversion: 1,
  classifier: 2,
  loss: 1,
  weightGradient: 1,
  elementwise: 0.5,
  optimizer: 0,
  exchange: 0,
  staging: 0,
  other: 0.5,
};

export function run(fields: Partial<RunEvent> = {}): RunEvent {
  return {
    type: "run",
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
    resumedFrom: 0,
    flopsPerStep: 2e9,
    refusedCheckpoints: [],
    ...fields,
  };
}

/** 10 ms and 64 tokens. */
export function step(number: number, fields: Partial<StepEvent> = {}): StepEvent {
  return {
    type: "step",
    step: number,
    loss: 10 - number / 10,
    lr: 1e-3,
    ms: 10,
    tokens: 64,
    breakdown,
    counts: {
      dispatches: 8,
      bytesWritten: 0,
      bytesRead: 0,
      bytesConverted: 0,
      bytesCopied: 0,
      bytesInPlace: 0,
      deviceFlops: 4e8,
      cpuFlops: 1e9,
    },
    ...fields,
  };
}

export function evaluation(at: number, meanNll: number): EvaluationEvent {
  return { type: "evaluation", step: at, meanNll, windows: 4, data: "00", ms: 20 };
}

/** Micro-steps `from` to `to`, both included. */
export function steps(from: number, to: number): StepEvent[] {
  return Array.from({ length: to - from + 1 }, (_, index) => step(from + index));
}

export function stateOf(events: readonly RecordedEvent[]): RunState {
  return events.reduce(reduceRun, initialRunState(config));
}

export const lines = (events: readonly unknown[]) =>
  events.map((event) => `${JSON.stringify(event)}\n`).join("");

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "run-records-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder with a configuration, and a record where there are events. */
export function writeRun(directory: string, events?: readonly unknown[]): string {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "config.json"), JSON.stringify(config));
  if (events) appendFileSync(join(directory, "events.jsonl"), lines(events));
  return directory;
}
