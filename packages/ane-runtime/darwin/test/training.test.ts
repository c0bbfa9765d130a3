/**
 * A small Llama trains on the engine, through several batches of compilations and in several processes, and is the one that trains on
 * the processor: every loss, parameter and moment, bit for bit.
 */
import { describe, expect, it } from "vitest";
import {
  type TrainEvent,
  type TrainOptions,
  train,
  trainInProcess,
} from "../../../trainer/src/index.js";
import { readSections } from "../../../trainer/test/support/section-digests.js";
import {
  collect,
  losses,
  ofType,
  TINY_KERNELS,
  tinyRun,
} from "../../../trainer/test/support/tiny-run.js";
import { counters, set } from "./support/fake.js";
import { folders, ownerRecords } from "./support/folders.js";

const SETTINGS = { steps: 9, accum: 2, saveEvery: 3 } as const;
/** The pipeline that compiles for every update. */
const STATIC = { pipeline: "static" } as const;

interface Trained {
  readonly events: readonly TrainEvent[];
  /** Parameters, moments and gradients of the last step. */
  readonly checkpoint: ReturnType<typeof readSections>;
}

async function trained(run: typeof train, settings: TrainOptions): Promise<Trained> {
  const { options } = tinyRun({ ...SETTINGS, ...settings });
  const events = await collect(run(options));
  const last = ofType(events, "checkpoint").at(-1)!;
  expect(last.step).toBe(SETTINGS.steps);
  return { events, checkpoint: readSections(last.path) };
}

async function expectAsOnCpu(actual: Trained, pipeline: "static" | "dynamic"): Promise<void> {
  const expected = await trained(trainInProcess, { pipeline, device: "cpu" });
  expect(losses(actual.events)).toEqual(losses(expected.events));
  expect(losses(actual.events)).toHaveLength(SETTINGS.steps);
  expect(actual.checkpoint).toEqual(expected.checkpoint);
}

/** For the processes that the work starts. */
async function withEnvironment<T>(env: Record<string, string>, work: () => Promise<T>): Promise<T> {
  const before = { ...process.env };
  Object.assign(process.env, env);
  try {
    return await work();
  } finally {
    for (const name of Object.keys(env)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
}

describe("training on the engine", () => {
  it("is training on the processor, bit for bit", async () => {
    set("compileBudget", 0);
    const before = counters();
    const run = await trained(trainInProcess, { ...STATIC, device: "ane", compileBudget: 0 });
    await expectAsOnCpu(run, "static");
    const after = counters();
    // Each update has new weights, so new programs; six evaluations a layer and micro-step.
    expect(after.compiles! - before.compiles!).toBeGreaterThan(3 * TINY_KERNELS);
    expect(after.evaluations! - before.evaluations!).toBe(SETTINGS.steps * TINY_KERNELS);
  });

  it("goes on in new processes when the budget is used up", async () => {
    const limit = TINY_KERNELS + 3;
    // The framework has no more than the run is told, and nothing in its cache.
    const env = { FAKE_ANE: `compileBudget=${limit}`, FAKE_ANE_CACHE: "restarts" };
    const run = await withEnvironment(env, () =>
      trained(train, { ...STATIC, device: "ane", compileBudget: limit }),
    );
    expect(ofType(run.events, "restart").length).toBeGreaterThanOrEqual(3);
    expect(ofType(run.events, "compile").length).toBeGreaterThanOrEqual(4);
    await expectAsOnCpu(run, "static");
    expect([...folders(), ...ownerRecords()]).toEqual([]);
  });

  it("needs four compilations for the dynamic pipeline, and no more however long it trains", async () => {
    set("compileBudget", 0);
    const before = counters();
    const run = await trained(trainInProcess, { pipeline: "dynamic", device: "ane" });
    expect(counters().compiles! - before.compiles!).toBeLessThanOrEqual(4);
    expect(ofType(run.events, "compile").map(({ kernels }) => kernels)).toEqual([4]);
    await expectAsOnCpu(run, "dynamic");
  });
});
