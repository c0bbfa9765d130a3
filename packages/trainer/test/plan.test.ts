/** The cost model: its fit to published times, within bounds, and what a plan makes of it. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { calibrateCostModel } from "../src/plan/calibrate-cost-model.js";
import { CHIPS, chipNamed } from "../src/plan/chips.js";
import { fitLogarithms } from "../src/plan/fit.js";
import { planTraining } from "../src/plan/plan-training.js";

const calibration = calibrateCostModel({ detailed: true });
const steps = calibration.rows.filter(({ quantity }) => quantity === "step");
const fitted = steps.filter(({ notFitted }) => notFitted === undefined);

describe("published steps", () => {
  it("are of both pipelines and of chips from M1 to M5", () => {
    expect(new Set(fitted.map(({ chip }) => chip))).toEqual(
      new Set(["m1-pro", "m1-max", "m3-ultra", "m4", "m4-pro", "m4-max", "m5", "m5-max"]),
    );
    expect(new Set(fitted.map(({ pipeline }) => pipeline))).toEqual(
      new Set(["static", "dynamic", "restaged"]),
    );
  });

  it.each(fitted)("$chip $pipeline, $source: within 25 %", (row) => {
    expect(Math.abs(row.error)).toBeLessThan(0.25);
    expect(Math.abs(row.errorWithoutRow!)).toBeLessThan(0.25);
    expect(Math.abs(row.errorWithoutChip!)).toBeLessThan(0.3);
  });

  const held = steps.filter(({ notFitted }) => notFitted !== undefined);
  it.each(held)("$chip $pipeline of $model, which is not fitted: within 25 %", ({ error }) => {
    expect(Math.abs(error)).toBeLessThan(0.25);
  });
});

it("the fit finds the unknowns of exact data", () => {
  const [a, b] = [3, 0.2];
  const points = [1, 2, 4, 8];
  const found = fitLogarithms([0, 0], (logarithms) => {
    const [x, y] = logarithms.map(Math.exp) as [number, number];
    return points.map((t) => Math.log((x + y * t) / (a + b * t)));
  });
  expect(Math.exp(found[0]!)).toBeCloseTo(a, 6);
  expect(Math.exp(found[1]!)).toBeCloseTo(b, 6);
});

describe("a plan", () => {
  const plan = (options: Partial<Parameters<typeof planTraining>[0]> = {}) =>
    planTraining({ chip: "m4", ...options }, calibration);

  it("has parts that add up", () => {
    const { time, totalMs, microStepMs } = plan();
    const { optimizer, staging, compilation } = time;
    const sum = Object.values<number>({ ...time }).reduce((total, ms) => total + ms, 0);
    expect(totalMs).toBeCloseTo(sum, 9);
    expect(totalMs - microStepMs).toBeCloseTo(optimizer + staging + compilation, 9);
  });

  it("compiles everything per update where no second update fits, or all kernels have weights", () => {
    const { time, firstCompilationMs } = plan({ pipeline: "static" });
    expect(time.compilation * 10).toBeCloseTo(firstCompilationMs, 6); // 48, twice in a process
    const byHand = { pipeline: "static", kernels: "handwritten" } as const;
    const other = plan(byHand);
    expect(other.time.compilation * 10).toBeCloseTo(other.firstCompilationMs, 6); // 72 + 60 > 119
    const small = plan({ ...byHand, model: "stories260k" });
    // 5 layers: 30 kernels at first, 25 per update: four updates in a process
    expect((small.time.compilation * 10) / (small.firstCompilationMs / 30)).toBeCloseTo(105 / 4, 6);
    expect(plan().time.compilation).toBe(0);
  });

  it("is of every chip", () => {
    for (const { name } of CHIPS) expect(plan({ chip: name }).microStepMs).toBeGreaterThan(0);
    expect(chipNamed("M3 Ultra").name).toBe("m3-ultra");
  }, 60_000);

  it("refuses what it does not know, with the nearest name", () => {
    expect(() => plan({ chip: "m9-ultra" })).toThrow(
      /must be one of m1, .*Did you mean "m[1-3]-ultra"/,
    );
    expect(() => plan({ model: "stories110n" })).toThrow(/Did you mean "stories110m"/);
    expect(() => plan({ pipeline: "static", model: "qwen3-0.6b" })).toThrow(/must be dynamic/);
  });
});

it("predicts what docs/plan.md says", () => {
  const page = readFileSync(new URL("../../../docs/plan.md", import.meta.url), "utf8");
  const cells = page.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  const rows = ["m1-pro", "m3-ultra", "m4", "m4-max", "m5", "m5-max"].flatMap((chip) =>
    [32_000, 9205].map((classes) => {
      const [fixed, dynamic] = (["static", "dynamic"] as const).map((pipeline) =>
        planTraining({ chip, pipeline, classes }, calibration),
      ) as [ReturnType<typeof planTraining>, ReturnType<typeof planTraining>];
      const { publishedMs, microStepMs, time, weightGradientMs } = dynamic;
      const ownMs = microStepMs - time.weightGradients;
      return [
        chip,
        String(classes),
        ...[publishedMs!.static, publishedMs!.dynamic, fixed.microStepMs, microStepMs]
          .concat(ownMs, weightGradientMs)
          .map((ms) => ms.toFixed(0)),
      ];
    }),
  );
  for (const row of rows) {
    const found = cells.find((line) => line[1] === row[0] && line[2] === row[1]);
    expect(found?.slice(1, -1), row.join(" | ")).toEqual(row);
  }
});
