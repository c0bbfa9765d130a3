/** A run that is interrupted after every micro-step ends with the bits of one that never was, whatever its recipe and threads. */
import { join } from "node:path";
import { cpuInfo, setThreads } from "@ane/accel-ops";
import { expect, it, onTestFinished, vi } from "vitest";
import { type TrainOptions, trainInProcess } from "../src/index.js";
import { newestSections } from "./support/section-digests.js";
import { collect, losses, tinyRun } from "./support/tiny-run.js";

/** Ends in the middle of an update, so that gradients are compared too. */
const settings = { steps: 8, accum: 3, saveEvery: 0 } as const;

const recipes: readonly TrainOptions[] = [
  { pipeline: "dynamic", numerics: "fp16" },
  { pipeline: "dynamic", numerics: "fp32" },
  { pipeline: "static", numerics: "fp16" },
  { pipeline: "static", numerics: "fp32" },
  { pipeline: "dynamic", compactVocab: true },
  { pipeline: "static", compactVocab: true, weightDecay: 0.1 },
  { pipeline: "dynamic", lossScale: "dynamic", schedule: "cosine", warmup: 1, decayUpdates: 3 },
  { pipeline: "dynamic", precision: "bf16" },
  { pipeline: "static", precision: "bf16" },
];

/** Half of the token ids occur. */
const text = { ids: 32 };

async function run(recipe: TrainOptions) {
  const { options } = tinyRun({ ...settings, ...recipe }, text);
  const all = losses(await collect(trainInProcess(options)));
  return { losses: all, state: newestSections(options.out) };
}

it.each(recipes.map((recipe) => [JSON.stringify(recipe), recipe] as const))(
  "%s",
  async (_name, recipe) => {
    if (recipe.precision === "bf16" && !cpuInfo().features.includes("bf16")) {
      await expect(run(recipe)).rejects.toThrow(/^precision: must be fp32/);
      return;
    }
    const { options } = tinyRun({ ...settings, ...recipe }, text);
    const all = losses(await collect(trainInProcess({ ...options, steps: 1 })));
    for (let steps = 2; steps <= settings.steps; steps++) {
      all.push(...losses(await collect(trainInProcess({ resume: options.out, steps }))));
    }
    const undisturbed = await run(recipe);
    expect(undisturbed.state?.digests).toHaveProperty("gradients");
    expect({ losses: all, state: newestSections(options.out) }).toEqual(undisturbed);
  },
);

it.each(["dynamic", "static"] as const)(
  "%s: the number of threads changes nothing",
  async (pipeline) => {
    const { threads } = cpuInfo();
    onTestFinished(() => setThreads(threads));
    const runs = [];
    for (const count of [1, 2, 3, 8]) {
      setThreads(count);
      runs.push(await run({ pipeline }));
    }
    for (const other of runs.slice(1)) expect(other).toEqual(runs[0]);
  },
);

it("a clock that jumps changes nothing: neither state nor order, nor any duration", async () => {
  const undisturbed = await run({});
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const { folder, options } = tinyRun({ ...settings, saveEvery: 2 }, text);
  const out = join(folder, "jumping");
  const events = [];
  let year = 2040;
  for (const given of [
    { ...options, out, steps: 5 },
    { resume: out, steps: settings.steps },
  ]) {
    for await (const event of trainInProcess(given)) {
      vi.setSystemTime(new Date(year, 0)); // back by a year, each time
      year -= 1;
      events.push(event);
    }
  }
  expect({ losses: losses(events), state: newestSections(out) }).toEqual(undisturbed);
  for (const event of events) {
    if (!("ms" in event)) continue;
    expect(event.ms).toBeGreaterThanOrEqual(0);
    expect(event.ms).toBeLessThan(60_000);
  }
});
