import { expect, it } from "vitest";
import { ReportBuilder } from "../src/efficiency-report.js";
import type { RunEvent, StepEvent } from "../src/events.js";
import { emptyBreakdown } from "../src/step-clock.js";
import { StepCounters } from "../src/step-counters.js";

const run: RunEvent = {
  type: "run",
  directory: "/runs/a",
  model: "tiny",
  parameters: 1,
  pipeline: "static",
  device: "cpu",
  seed: 1,
  steps: 3,
  minutes: 0,
  ranks: 1,
  accum: 2,
  classes: 64,
  trainTokens: 100,
  resumedFrom: 0,
  flopsPerStep: 4e9,
  refusedCheckpoints: [],
};

function step(number: number, ms: number, gradNorm?: number): StepEvent {
  const breakdown = { ...emptyBreakdown(), device: ms - 1, other: 1 };
  const update = gradNorm === undefined ? {} : { gradNorm };
  const counts = new StepCounters().take();
  return {
    type: "step",
    step: number,
    loss: 2,
    lr: 1,
    ms,
    tokens: 32,
    breakdown,
    counts,
    ...update,
  };
}

it("adds up one invocation", () => {
  const report = new ReportBuilder();
  report.add(run);
  report.add({ type: "compile", step: 0, kernels: 12, ms: 50, used: 12, limit: 20 });
  report.add(step(1, 10));
  report.add(step(2, 30, 0.5));
  report.add({ type: "restart", step: 2, used: 12, limit: 20, ms: 7 });
  report.add({ type: "compile", step: 2, kernels: 12, ms: 40, used: 12, limit: 20 });
  report.add(step(3, 20));
  report.add({ type: "checkpoint", kind: "last", step: 3, path: "x", bytes: 1, ms: 5 });
  expect(report.build()).toMatchObject({
    steps: 3,
    updates: 1,
    tokens: 96,
    compileMs: 90,
    trainMs: 60,
    restarts: 1,
    restartMs: 7,
    checkpointMs: 5,
    msPerStep: 20,
    tflops: 0.2, // 3 · 4e9 operations in 60 ms
    breakdown: { device: 57, other: 3 },
  });
});

it("takes the mean of the two middle steps as median, and is empty without steps", () => {
  const report = new ReportBuilder();
  expect(report.build()).toMatchObject({ steps: 0, msPerStep: 0, tflops: 0 });
  report.add(step(1, 10));
  report.add(step(2, 20));
  expect(report.build().msPerStep).toBe(15);
});
