/** What a run says and leaves behind when a value stops being finite. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { DivergedError, replayDump, TrainerError, trainInProcess } from "../src/index.js";
import { UnderflowMeter } from "../src/underflow-meter.js";
import { temporaryFolder } from "./support/temporary-folder.js";
import { collect, ofType, tinyRun } from "./support/tiny-run.js";

async function divergence(options: Parameters<typeof trainInProcess>[0]): Promise<DivergedError> {
  try {
    await collect(trainInProcess(options));
  } catch (error) {
    if (error instanceof DivergedError) return error;
    throw error;
  }
  throw new Error("expected a DivergedError");
}

it.each(["dynamic", "static"] as const)(
  "names kernel, layer and micro-step of an overflow, and the dump repeats it, %s",
  async (pipeline) => {
    const { options } = tinyRun({ pipeline, steps: 4, accum: 2, lossScale: 2 ** 24 });
    const { message } = await divergence(options);
    const found = /in (\w+), (input|output) of (\w+) in layer (\d) .* in micro-step (\d)/.exec(
      message,
    );
    expect(found, message).not.toBeNull();
    const [, slot, side, kernel, layer, step] = found!;
    expect(kernel).toMatch(/ffnBwd$/i);
    expect(Number(layer)).toBe(1);
    const folder = join(options.out, "dumps", `step-0000000${step}`);
    expect(message).toContain(`ane mil replay ${folder}`);
    const dump = JSON.parse(readFileSync(join(folder, "dump.json"), "utf8"));
    expect(dump).toMatchObject({ kernel, layer: Number(layer), side, slot, step: Number(step) });
    expect(readFileSync(join(folder, "tokens.bin")).length).toBe(33 * 4);
    const replay = replayDump(folder);
    expect(replay).toMatchObject({ kernel, layer: Number(layer), step: Number(step), same: true });
    const { nonFiniteInput, nonFiniteOutput } = replay;
    expect(side === "input" ? nonFiniteInput : nonFiniteOutput).toBeGreaterThan(0);
    if (side === "output") expect(nonFiniteInput).toBe(0);
    expect(readdirSync(folder)).toContain("kernel.mil");
  },
);

it("finds an overflow of the forward pass", async () => {
  const { options } = tinyRun({ steps: 40, accum: 1, lr: 1e4, clip: 0, lossScale: "dynamic" });
  const { message } = await divergence(options);
  expect(message).toMatch(/of (attn|ffn)Fwd in layer \d/);
});

it("goes on after overflows of the backward pass with dynamic scaling", async () => {
  const { options } = tinyRun({ steps: 20, accum: 1, lossScale: "dynamic" });
  const steps = ofType(await collect(trainInProcess(options)), "step");
  const { skippedUpdates, lossScale } = steps.at(-1)!;
  const skipped = steps.filter(({ gradNorm }) => gradNorm === undefined).length;
  expect(skippedUpdates).toBe(skipped);
  expect(lossScale).toBe(4096 / 2 ** skipped);
});

it("refuses to repeat what is no dump", () => {
  expect(() => replayDump(temporaryFolder())).toThrow(TrainerError);
});

it("counts what fp16 rounds to zero, of what is not zero already", () => {
  const meter = new UnderflowMeter();
  const value = (i: number) => [0, 2 ** -26, 2 ** -24, 1][Math.floor(i / 17) % 4]!;
  meter.add(Float32Array.from({ length: 17 * 40 }, (_, i) => value(i)));
  expect(meter.take()).toBeCloseTo(1 / 3, 12);
  expect(meter.take()).toBe(0);
});
