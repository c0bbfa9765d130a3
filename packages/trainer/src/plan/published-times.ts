/**
 * Published times of maderix/ANE's pipelines, one row a figure, with where it stands. They leave out the optimizer: train_large.m and
 * train.m stop the clock before it. What train_large.m calls ane, io, cls and elem is of the forward pass only: 24 of 72
 * dispatches, the first of the classifier's three products, loss and residuals.
 */
import type { PublishedPipeline } from "./published-pipelines.js";

/** A part of the step that a program printed, in the terms of `StepTime`; see calibrate-cost-model.ts. */
export type Quantity =
  | "step"
  | "forwardDevice"
  | "forwardTraffic"
  | "classifierForward"
  | "forwardPasses"
  | "device"
  | "traffic"
  | "passes"
  | "head"
  | "captured";

export interface PublishedTime {
  readonly chip: string;
  readonly pipeline: PublishedPipeline;
  readonly model: "stories110m" | "qwen3-0.6b";
  readonly quantity: Quantity;
  /** From the lowest to the highest figure of one report, milliseconds. */
  readonly ms: readonly [low: number, high: number];
  readonly source: string;
  /** Rows with a reason are compared and not fitted. */
  readonly notFitted?: string;
}

/** Token ids that occur in upstream's text, which the loss of its dynamic pipelines is restricted to (train_dynamic.log, PR #28). */
export const COMPACT_CLASSES = 9205;

const REPORT = "maderix/ANE benchmarks/community_results.json (issue #3)";
const ISSUE_3 = "maderix/ANE issue #3";
const M3_ULTRA_STATIC = "maderix/ANE PR #28, train_large.log";
const M3_ULTRA_DYNAMIC = "maderix/ANE PR #28, train_dynamic.log";
const WARM = `${ISSUE_3}, comment of 2026-03-16: second to fourth step, from the running averages`;
const OTHER_SYSTEM =
  "the run's total is not given, and another system than the fitted rows of its chip";

function row(
  chip: string,
  pipeline: PublishedPipeline,
  quantity: Quantity,
  ms: number | readonly [number, number],
  source: string,
  rest: Partial<Pick<PublishedTime, "model" | "notFitted">> = {},
): PublishedTime {
  const range = typeof ms === "number" ? ([ms, ms] as const) : ms;
  return { chip, pipeline, model: "stories110m", quantity, ms: range, source, ...rest };
}

export const PUBLISHED_TIMES: readonly PublishedTime[] = [
  row("m1-pro", "static", "step", [148, 163], REPORT),
  row("m1-pro", "static", "forwardDevice", [32, 35], REPORT),
  row("m1-max", "static", "step", [143, 167], REPORT),
  row("m1-max", "static", "forwardDevice", [35, 45], REPORT),
  row("m1-max", "static", "forwardTraffic", 3.4, WARM),
  row("m1-max", "static", "classifierForward", 6.2, WARM),
  row("m1-max", "static", "forwardPasses", [15.7, 16.3], WARM),
  row("m3-ultra", "static", "step", 81.2, M3_ULTRA_STATIC),
  row("m3-ultra", "static", "step", 91, "maderix/ANE benchmarks/ANE_BENCHMARK_REPORT.md"),
  row("m3-ultra", "static", "forwardDevice", [13.9, 15.9], M3_ULTRA_STATIC),
  row("m3-ultra", "static", "forwardTraffic", [3.4, 3.8], M3_ULTRA_STATIC),
  row("m3-ultra", "static", "classifierForward", [4.2, 4.5], M3_ULTRA_STATIC),
  row("m3-ultra", "static", "forwardPasses", [13.4, 14.1], M3_ULTRA_STATIC),
  row("m3-ultra", "restaged", "step", 115.4, M3_ULTRA_DYNAMIC),
  row("m3-ultra", "restaged", "device", 69.3, M3_ULTRA_DYNAMIC),
  row("m3-ultra", "restaged", "traffic", 19, M3_ULTRA_DYNAMIC),
  row("m3-ultra", "restaged", "passes", 11.7, M3_ULTRA_DYNAMIC),
  row("m3-ultra", "restaged", "head", 14.3, M3_ULTRA_DYNAMIC),
  row("m3-ultra", "restaged", "captured", 2.5, M3_ULTRA_DYNAMIC),
  row("m4", "static", "step", 106.7, "maderix/ANE training/README.md at 60b0512"),
  row("m4", "static", "forwardDevice", 9.6, `training/README.md and ${ISSUE_3}`),
  row("m4", "static", "forwardTraffic", [4.1, 4.3], `training/README.md and ${ISSUE_3}`),
  row("m4", "static", "classifierForward", [8.8, 9.1], `training/README.md and ${ISSUE_3}`),
  row("m4", "static", "forwardPasses", [14.4, 15.1], `training/README.md and ${ISSUE_3}`),
  row("m4", "restaged", "step", 111, "maderix/ANE training/README.md at 60b0512"),
  row("m4", "dynamic", "step", 91, "maderix/ANE README.md at 1524292"),
  row("m4-pro", "static", "step", [69, 73], REPORT),
  row("m4-pro", "static", "forwardDevice", 8.9, REPORT),
  row("m4-max", "static", "step", 64, REPORT),
  row("m4-max", "static", "forwardDevice", 10.2, REPORT),
  row("m4-max", "static", "step", 72.4, "dev-erik/ANE docs/BENCHMARK_RESULTS.md"),
  row("m5", "static", "step", [101, 120], REPORT),
  row("m5", "static", "forwardDevice", [9.1, 9.8], REPORT),
  row("m5", "static", "step", [125, 128], `${REPORT}, second M5`),
  row("m5", "static", "forwardDevice", [9.1, 9.2], `${REPORT}, second M5`),
  row("m5-max", "dynamic", "step", 73.5, "maderix/ANE PR #50"),
  row("m1-pro", "static", "forwardDevice", 15.2, "maderix/ANE issue #24", {
    notFitted: OTHER_SYSTEM,
  }),
  row("m1-max", "static", "forwardDevice", [16.2, 18.4], WARM, { notFitted: OTHER_SYSTEM }),
  row("m4", "dynamic", "step", 412, "maderix/ANE README.md at 1524292", {
    model: "qwen3-0.6b",
    notFitted: "kept for the test of the model",
  }),
  row("m5-max", "dynamic", "step", 320, "maderix/ANE PR #50", {
    model: "qwen3-0.6b",
    notFitted: "kept for the test of the model",
  }),
];

export interface PublishedCompilation {
  readonly chip: string;
  readonly kernels: number;
  /** Of all of them together, milliseconds. */
  readonly ms: readonly [low: number, high: number];
  readonly source: string;
}

/** Of the 60 kernels with weights of the static pipeline, in one process. */
export const PUBLISHED_COMPILATIONS: readonly PublishedCompilation[] = [
  { chip: "m1-pro", kernels: 60, ms: [7900, 8500], source: REPORT },
  { chip: "m1-max", kernels: 60, ms: [7100, 7100], source: REPORT },
  { chip: "m3-ultra", kernels: 60, ms: [3684, 3861], source: M3_ULTRA_STATIC },
  { chip: "m4-pro", kernels: 60, ms: [3465, 3465], source: REPORT },
  { chip: "m4-max", kernels: 60, ms: [3531, 3531], source: REPORT },
  { chip: "m5", kernels: 60, ms: [3200, 3633], source: REPORT },
];
