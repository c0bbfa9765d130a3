/** Several ranks under a real mpirun against one process that does the same. Needs the built worker. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { gradientParts } from "../src/distributed/gradient-parts.js";
import { inWholeUpdates, optionsOfAll } from "../src/distributed/share-options.js";
import {
  OptionError,
  type RunAction,
  readCheckpoint,
  requestRun,
  type TrainEvent,
  type TrainOptions,
  train,
  trainInProcess,
} from "../src/index.js";
import { resolveOptions } from "../src/resolve-options.js";
import { mpirun, mpirunMissing } from "./support/mpirun.js";
import { collect, losses, ofType, TINY_KERNELS, tinyModel, tinyRun } from "./support/tiny-run.js";

vi.setConfig({ testTimeout: 180_000 }); // several processes per rank, each of which has to start

const script = fileURLToPath(new URL("support/rank-child.mjs", import.meta.url));

type RankEvent = TrainEvent & { readonly pid: number };

function launch(ranks: readonly TrainOptions[], onEvent: (event: RankEvent) => void = () => {}) {
  return mpirun(
    ranks.map((options) => [script, JSON.stringify({ ...options, distributed: "mpi" })]),
    (line) => onEvent(JSON.parse(line) as RankEvent),
  ).ended;
}

/** As many ranks with the same options, to their end. */
async function trained(ranks: number, options: TrainOptions): Promise<RankEvent[]> {
  const { status, stdout, stderr } = await launch(Array(ranks).fill(options));
  expect(status, stderr).toBe(0);
  return stdout.map((line) => JSON.parse(line) as RankEvent);
}

/** Process ids of the ranks of a run that `of` is one of: they have one parent, mpirun. */
function ranksBeside(of: number): number[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  const rows = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const parent = rows.find(([pid]) => pid === of)?.[1];
  return rows.filter(([pid, ppid]) => ppid === parent && pid !== of).map(([pid]) => pid!);
}

function eventsOf(directory: string): TrainEvent[] {
  const lines = readFileSync(join(directory, "events.jsonl"), "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as TrainEvent);
}

function expectClose(actual: Float32Array, expected: Float32Array, tolerance: number): void {
  const difference = actual.reduce((most, x, i) => Math.max(most, Math.abs(x - expected[i]!)), 0);
  expect(difference).toBeLessThan(tolerance);
}

describe("options of all ranks", () => {
  it("have each rank's accum, and the whole run's everything else", () => {
    expect(optionsOfAll({ accum: 3, steps: 8 }, 2)).toEqual({ accum: 6, steps: 8 });
    expect(optionsOfAll({}, 2)).toEqual({ accum: 20 });
    expect(optionsOfAll({ batchTokens: 512 }, 2)).toEqual({ batchTokens: 512 });
    expect(optionsOfAll({ resume: "run" }, 2)).toEqual({ resume: "run" });
    expect(optionsOfAll({ accum: 1.5 }, 2)).toEqual({ accum: 1.5 });
  });

  it("end with an update, and divide it evenly", () => {
    const run = resolveOptions(tinyRun({ accum: 6, steps: 8 }).options);
    expect(inWholeUpdates(run, 3).config.execution.steps).toBe(12);
    expect(inWholeUpdates(run, 1)).toBe(run);
    expect(() => inWholeUpdates(run, 4)).toThrow(OptionError);
    expect(() => inWholeUpdates(run, 4)).toThrow(/divisible by the ranks, got 6 .* for 4/);
  });
});

it("every gradient is added up exactly once", () => {
  for (const model of [tinyModel, { ...tinyModel, tiedEmbeddings: false, qkNorm: true }]) {
    const { layers, rest } = gradientParts(model);
    const ranges = [...layers.flat(), ...rest].sort(([a], [b]) => a - b);
    expect(ranges[0]?.[0]).toBe(0);
    for (const [i, [start]] of ranges.slice(1).entries()) expect(start).toBe(ranges[i]![1]);
    expect(layers).toHaveLength(model.layers);
  }
});

describe("without mpirun", () => {
  it("one process trains alone", async () => {
    const events = await collect(train({ ...tinyRun().options, distributed: "mpi" }));
    expect(ofType(events, "run")[0]).toMatchObject({ ranks: 1, accum: 2 });
    expect(losses(events)).toHaveLength(8);
  });

  it("another name, or a run in this process, is refused", async () => {
    const wrong = { ...tinyRun().options, distributed: "gossip" } as unknown as TrainOptions;
    await expect(collect(train(wrong))).rejects.toThrow(/^distributed: must be mpi, got gossip/);
    const here = () => trainInProcess({ distributed: "mpi" });
    expect(here).toThrow(/^distributed: must be left out in trainInProcess/);
  });
});

describe.skipIf(mpirunMissing)("ranks", () => {
  it.each([
    [2, "dynamic", true],
    [3, "dynamic", false],
    [2, "static", true],
  ] as const)(
    "%i (%s pipeline) equal one with as many times the accumulation",
    async (ranks, pipeline, tiedEmbeddings) => {
      const model = { ...tinyModel, layers: 4, tiedEmbeddings };
      const common = { pipeline, numerics: "fp32", steps: 8 * ranks, lr: 3e-3 } as const;
      const config = { config: model };
      const alone = tinyRun({ ...common, accum: 2 * ranks }, config).options;
      const together = tinyRun({ ...common, accum: 2, saveEvery: 7 }, config).options;
      const one = losses(await collect(trainInProcess(alone)));
      const events = await trained(ranks, together);

      expect(ofType(events, "run")[0]).toMatchObject({ ranks, accum: 2 * ranks });
      const rounds = losses(events);
      expect(rounds.map(([step]) => step)).toEqual(
        Array.from({ length: 8 }, (_, i) => (i + 1) * ranks),
      );
      for (const [step, loss] of rounds) {
        const same = one.slice(step - ranks, step).map(([, value]) => value);
        expect(loss).toBeCloseTo(same.reduce((sum, value) => sum + value, 0) / ranks, 5);
      }
      const [a, b] = [await readCheckpoint(together.out), await readCheckpoint(alone.out)];
      expectClose(a.parameters.data, b.parameters.data, 2e-5);
      expect(new Set(events.map(({ pid }) => pid)).size).toBe(1);
      expect(eventsOf(together.out)).toHaveLength(events.length);
    },
  );

  it("are restarted with all others when their compile budget is spent", async () => {
    const settings = { pipeline: "static", steps: 12, accum: 2 } as const;
    const budget = { ...settings, compileBudget: TINY_KERNELS + 3 };
    const restarted = await trained(2, tinyRun(budget).options);
    expect(ofType(restarted, "restart").map(({ step }) => step)).toEqual([4, 8]);
    expect(losses(restarted)).toEqual(losses(await trained(2, tinyRun(settings).options)));
  });

  it("resume together what any number of them saved", async () => {
    const { options } = tinyRun({ steps: 12, accum: 2, numerics: "fp32" });
    const whole = losses(await trained(2, options));
    const part = tinyRun({ steps: 4, accum: 2, numerics: "fp32" }).options;
    const first = await trained(2, part);
    const rest = await trained(2, { resume: part.out, steps: 12 });
    expect([...losses(first), ...losses(rest)]).toEqual(whole);
    const [end] = losses(await collect(train({ resume: part.out, steps: 13 }))); // alone
    expect(end?.[0]).toBe(13);
    const { status, stderr } = await launch(Array(2).fill({ resume: part.out, steps: 16 }));
    expect(status).not.toBe(0); // mpirun's own: of a rank, or that of its ending the others
    expect(stderr).toMatch(/distributed: ranks must begin between two updates.*micro-step 13/);
  });

  it("with other options than rank 0's are refused by the option's name", async () => {
    const { options } = tinyRun();
    const { status, stderr, stdout } = await launch([options, { ...options, lr: 2e-2 }]);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(
      /OptionError: lr: must be the same on all ranks, got 0.01 on rank 0 and 0.02 on rank 1/,
    );
    expect(stdout).toEqual([]);
  });

  it("finish the update and save when one of them is interrupted", async () => {
    const { options } = tinyRun({ steps: 100_000, accum: 2 });
    let other: number | undefined;
    const { status, stdout, stderr } = await launch([options, options], (event) => {
      if (event.type !== "step" || event.step < 6 || other !== undefined) return;
      other = ranksBeside(event.pid)[0]!;
      process.kill(other, "SIGTERM");
    });
    expect(status, stderr).toBe(0);
    const events = stdout.map((line) => JSON.parse(line) as TrainEvent);
    const [done] = ofType(events, "done");
    expect(done).toMatchObject({ reason: "interrupted" });
    expect(done!.step % 4).toBe(0);
    expect(ofType(events, "checkpoint").at(-1)?.step).toBe(done!.step);
  });

  it("do together what is asked of the run between two updates", async () => {
    const { options } = tinyRun({ steps: 100_000, accum: 2 });
    const ask = (action: RunAction) => requestRun(options.out, action);
    let isAsked = false;
    const { status, stdout, stderr } = await launch([options, options], (event) => {
      if (event.type === "step" && !isAsked) {
        isAsked = true;
        ask("checkpoint");
        ask("pause");
      }
      if (event.type === "pause")
        for (const action of ["checkpoint", "resume"] as const) ask(action);
      if (event.type === "resume") ask("finish");
    });
    expect(status, stderr).toBe(0);
    const events = stdout.map((line) => JSON.parse(line) as TrainEvent);
    expect(ofType(events, "request").map(({ action, step }) => [action, step % 4])).toEqual([
      ...["checkpoint", "pause", "checkpoint", "resume", "finish"].map((action) => [action, 0]),
    ]);
    const [done] = ofType(events, "done");
    expect(done).toMatchObject({ reason: "interrupted" });
    const undisturbed = tinyRun({ steps: done!.step, accum: 2 }).options;
    expect(losses(events)).toEqual(losses(await trained(2, undisturbed)));
  });

  it.each([0, 1])("save the last complete update when rank %i is killed", async (victim) => {
    const settings = { accum: 2, numerics: "fp32", saveEvery: 0 } as const;
    const { options } = tinyRun({ ...settings, steps: 1_000_000 });
    let killed = false;
    let seen = 0;
    const { status } = await launch([options, options], (event) => {
      if (event.type !== "step") return;
      seen = event.step;
      if (killed || event.step < 22) return;
      killed = true;
      process.kill(victim === 0 ? event.pid : ranksBeside(event.pid)[0]!, "SIGKILL");
    });
    expect(status).not.toBe(0);
    const saved = await newestStep(options.out);
    expect(saved % 4).toBe(0);
    expect(saved).toBeGreaterThanOrEqual(seen - (seen % 4) - 4);

    const steps = saved + 8;
    const rest = losses(await trained(2, { resume: options.out, steps }));
    const undisturbed = losses(await trained(2, tinyRun({ ...settings, steps }).options));
    expect(rest).toEqual(undisturbed.slice(-rest.length));
    expect(rest).toHaveLength(4);
  });
});

/** Of the checkpoint that a survivor may still be writing. */
async function newestStep(directory: string): Promise<number> {
  for (;;) {
    try {
      return (await readCheckpoint(directory)).step;
    } catch {
      await setTimeout(50);
    }
  }
}
