/**
 * The two pipelines train alike: they differ in where RMSNorm is computed and in the order of a few sums. So do derived and hand-written
 * kernels: they differ in the order of sums and in how the slope of silu is written.
 */
import { expect, it } from "vitest";
import { trainInProcess } from "../src/index.js";
import { collect, losses, tinyRun } from "./support/tiny-run.js";

async function curve(
  pipeline: "static" | "dynamic",
  numerics: "fp16" | "fp32",
  kernels: "handwritten" | "derived" = "handwritten",
) {
  const { options } = tinyRun({ pipeline, numerics, kernels, steps: 60, accum: 2 });
  return losses(await collect(trainInProcess(options)));
}

/** The largest difference of two curves, as a share of the loss. */
function apart(a: Awaited<ReturnType<typeof curve>>, b: typeof a): number {
  return Math.max(...a.map(([, loss], i) => Math.abs(loss - b[i]![1]) / b[i]![1]));
}

// From a loss of 4.2 to 1.2; found 2e-7 and 6e-4.
it.each([
  ["fp32", 1e-5],
  ["fp16", 2e-3],
] as const)(
  "over 30 updates the losses agree, %s within a share of %d",
  async (numerics, tolerance) => {
    const [fixed, dynamic] = [await curve("static", numerics), await curve("dynamic", numerics)];
    expect(dynamic).toHaveLength(60);
    expect(dynamic.at(-1)![1]).toBeLessThan(0.3 * dynamic[0]![1]);
    expect(apart(dynamic, fixed)).toBeLessThan(tolerance);
    expect(apart(dynamic, fixed)).toBeGreaterThan(0);
  },
);

it.each([
  ["static", "fp32", 1e-5],
  ["static", "fp16", 2e-3],
  ["dynamic", "fp32", 1e-5],
  ["dynamic", "fp16", 2e-3],
] as const)(
  "with derived kernels the losses are those of the hand-written ones, %s, %s within a share of %d",
  async (pipeline, numerics, tolerance) => {
    const derived = await curve(pipeline, numerics, "derived");
    expect(derived).toHaveLength(60);
    expect(apart(derived, await curve(pipeline, numerics))).toBeLessThan(tolerance);
  },
);
