/** The text that people see: progress lines, event lines, the report. */

import type { Breakdown, DoneEvent, RunEvent, StepEvent } from "@ane/trainer";
import { describe, expect, it } from "vitest";
import { formatReport } from "../src/view/efficiency-report.js";
import { formatBytes, formatCount, formatDuration, formatMs } from "../src/view/format.js";
import { createProgress, describeEvent, describeStep } from "../src/view/progress.js";
import { testContext } from "./test-context.js";

const breakdown: Breakdown = {
  data: 0,
  device: 600,
  conversion: 50,
  classifier: 150,
  loss: 10,
  weightGradient: 300,
  elementwise: 40,
  optimizer: 30,
  exchange: 0,
  staging: 0,
  other: 20,
};

const step: StepEvent = {
  type: "step",
  step: 7,
  loss: 10.25,
  lr: 3e-4,
  ms: 1200,
  tokens: 256,
  breakdown,
  counts: {
    dispatches: 48,
    bytesWritten: 0,
    bytesRead: 0,
    bytesConverted: 0,
    bytesCopied: 0,
    bytesInPlace: 0,
    deviceFlops: 0,
    cpuFlops: 0,
  },
};

describe("format", () => {
  it("writes durations, counts, bytes and milliseconds", () => {
    expect([0, 59_499, 59_500, 3_723_000].map(formatDuration)).toEqual([
      "0:00",
      "0:59",
      "1:00",
      "1:02:03",
    ]);
    expect([12, 1500, 109_529_856, 2e9].map(formatCount)).toEqual([
      "12",
      "1.50K",
      "109.53M",
      "2.00B",
    ]);
    expect([12, 1_314_358_272].map(formatBytes)).toEqual(["12 B", "1.31 GB"]);
    expect([3.14, 1183.4].map(formatMs)).toEqual(["3.1 ms", "1183 ms"]);
  });
});

describe("progress", () => {
  it("says step, loss, rate and time left", () => {
    expect(describeStep(step, 30, 1200)).toBe(
      "step  7/30  loss 10.2500  lr 3.0e-4  1200 ms/step  213 tokens/s  ETA 0:28",
    );
  });

  it("says that an update was skipped, and no time left where only minutes end the run", () => {
    const skipped = { ...step, lossScale: 4096, underflow: 0, skippedUpdates: 1 };
    expect(describeStep(skipped, Number.MAX_SAFE_INTEGER, 1200)).toBe(
      "step 7  loss 10.2500  lr 3.0e-4  1200 ms/step  213 tokens/s  update skipped: gradients overflowed at loss scale 4096",
    );
  });

  it("redraws one line on a terminal and keeps it within its width", () => {
    const context = testContext({ interactive: true, columns: 20 });
    const progress = createProgress(context, { logEvery: 10 });
    progress.show(step);
    progress.show({ ...step, step: 8 });
    progress.end();
    expect(context.stderr()).toBe(
      "step 7/0  loss 10.25\r\u001b[2Kstep 8/0  loss 10.25\n".replaceAll("10.25", "10.2"),
    );
  });

  it("prints one line per report elsewhere", () => {
    const context = testContext();
    const progress = createProgress(context, { logEvery: 5 });
    for (let index = 1; index <= 10; index++) progress.show({ ...step, step: index });
    progress.end();
    expect(
      context
        .stdout()
        .trimEnd()
        .split("\n")
        .map((line) => line.split("  ")[0]),
    ).toEqual(["step 1/0", "step 5/0", "step 10/0"]);
    expect(context.stderr()).toBe("");
  });

  it.each([
    [30, 0, false],
    [9, 0, true],
    [10, 0, false],
    [19, 10, true],
    [20, 19, false],
  ])(
    "says at the start whether no update comes up to micro-step %i from %i",
    (steps, from, none) => {
      const run: RunEvent = {
        type: "run",
        directory: "runs/a",
        model: "tiny",
        parameters: 100,
        pipeline: "static",
        device: "cpu",
        seed: 1,
        steps,
        minutes: 0,
        accum: 10,
        ranks: 1,
        trainTokens: 1000,
        classes: 64,
        resumedFrom: from,
        flopsPerStep: 1,
        refusedCheckpoints: [],
      };
      expect(describeEvent(run)?.includes("no update")).toBe(none);
    },
  );

  it("describes compilations and restarts", () => {
    expect(
      describeEvent({ type: "compile", step: 0, kernels: 72, ms: 400, used: 72, limit: 119 }),
    ).toBe("compiled 72 kernels in 400 ms (72 of 119 in this process)");
    expect(describeEvent({ type: "restart", step: 10, used: 72, limit: 119, ms: 350 })).toContain(
      "72 of 119",
    );
  });
});

describe("efficiency report", () => {
  it("sorts the parts by their share", () => {
    const done: DoneEvent = {
      type: "done",
      reason: "completed",
      step: 1,
      directory: "runs/a",
      report: {
        steps: 1,
        updates: 1,
        tokens: 256,
        wallMs: 2000,
        compileMs: 400,
        trainMs: 1200,
        restarts: 1,
        restartMs: 200,
        checkpointMs: 100,
        msPerStep: 1200,
        tflops: 0.145,
        breakdown,
      },
    };
    const text = formatReport(done);
    expect(text).toContain("1200 ms per step (median), 0.145 TFLOPS");
    expect(text.indexOf("device")).toBeLessThan(text.indexOf("dW"));
    expect(text).toMatch(/compile\s+0:00 {2}\(20\.0 % of wall\)/);
    expect(text).toMatch(/device\s+600 ms per step\s+50\.0 %/);
  });
});
