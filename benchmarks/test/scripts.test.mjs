/** Every benchmark runs, on a small model and without PyTorch, and answers with what is documented; no number is judged. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const patience = 300_000;
let results;
beforeAll(() => {
  results = mkdtempSync(join(tmpdir(), "ane-bench-test-"));
});
afterAll(() => rmSync(results, { recursive: true, force: true }));

function bench(name, ...args) {
  const script = fileURLToPath(new URL(`../${name}.mjs`, import.meta.url));
  const small = ["--model", "stories260k", "--rounds", "1", "--results", results];
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...small, ...args], {
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  return stdout;
}

const positive = expect.toSatisfy((value) => Number.isFinite(value) && value > 0);

describe("benchmarks", { timeout: patience }, () => {
  it("step: one JSON object with the ratios, also kept as a file", () => {
    const result = JSON.parse(bench("step", "--json"));
    expect(result).toMatchObject({
      benchmark: "step",
      model: "stories260k",
      microStepMs: positive,
      peakShare: positive,
      torchRatio: null,
      machine: { cpu: expect.any(String), threads: positive },
      limits: { fp32Gflops: positive, bandwidth: { copy: positive, triad: positive } },
      sides: { static: { ms: { min: positive, median: positive, max: positive } } },
    });
    const { breakdown, ms } = result.sides.static;
    const parts = Object.values(breakdown).reduce((sum, part) => sum + part, 0);
    expect(parts).toBeLessThanOrEqual(ms.median);
    const [file] = readdirSync(results);
    expect(JSON.parse(readFileSync(join(results, file), "utf8")).step).toEqual(result);
  });

  it("step: a table for people", () => {
    expect(bench("step")).toMatch(/^micro-step .*\nstatic .* %/m);
  });

  it("ops: every product and operation beside its limit", () => {
    const { gemm, ops } = JSON.parse(bench("ops", "--json"));
    expect(gemm.map(({ name }) => name)).toContain("dW classifier");
    expect(ops.map(({ name }) => name)).toContain("cross-entropy with gradient, in place");
    for (const { limitShare } of gemm) expect(limitShare).toEqual(positive);
    for (const { ratio, loopSpeedUp } of ops)
      expect([ratio, loopSpeedUp]).toEqual([positive, positive]);
  });

  it("derived: both kinds of kernels in both pipelines", () => {
    const { layer, steps, layerRatio, stepRatio } = JSON.parse(bench("derived", "--json"));
    const sides = ["static", "dynamic"].flatMap((pipeline) =>
      ["handwritten", "derived"].map((source) => ({ pipeline, source, ms: { median: positive } })),
    );
    expect(layer).toMatchObject(sides);
    expect(steps).toMatchObject(sides);
    const ratios = { time: positive, work: positive };
    for (const of of [layerRatio, stepRatio])
      expect(of).toEqual({ static: ratios, dynamic: ratios });
  });

  it("start: what a run costs besides its micro-steps", () => {
    const { pipelines, commandLine } = JSON.parse(bench("start", "--json"));
    expect(pipelines.static).toMatchObject({
      kernels: 20,
      compileMs: { median: positive },
      updateMs: { median: positive },
      restartMs: { median: positive },
      resumeToFirstStepMs: { median: positive },
    });
    expect(commandLine.helpMs.median).toEqual(positive);
  });

  it("scaling: points of four series", () => {
    const { series } = JSON.parse(bench("scaling", "--json", "--quick", "--steps", "1"));
    expect(Object.keys(series)).toHaveLength(4);
    for (const point of Object.values(series).flat()) {
      expect(point).toMatchObject({ ms: positive, flops: positive, growth: positive });
    }
  });

  it("mil: programs and text", () => {
    const result = JSON.parse(bench("mil", "--json", "--layers", "1"));
    expect(result).toMatchObject({
      kernels: 6,
      freshMs: { build: positive, verify: positive, print: positive },
      parseMBs: { median: positive },
      encodeMBs: { median: positive },
    });
  });
});
