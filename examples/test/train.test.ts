/** Each example trains for some seconds, in a process and from the command line, and its loss falls. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type EvaluationEvent, type TrainEvent, trainInProcess } from "@ane/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeShapes } from "../image-classifier/make-shapes.mjs";

const cli = fileURLToPath(new URL("../../apps/cli/dist/main.js", import.meta.url));

let folder: string;
beforeAll(() => {
  if (!existsSync(cli)) throw new Error(`${cli} is missing: run the build first.`);
  folder = mkdtempSync(join(tmpdir(), "ane-examples-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const common = { device: "cpu", seed: 1, saveEvery: 0 } as const;
const ofText = { ...common, steps: 60, accum: 2, lr: 5e-3, compactVocab: true, evalWindows: 4 };
const ofImages = { ...common, steps: 200, accum: 1, lr: 1e-2, evalWindows: 0 };

const examples = [
  { example: "gpt2", options: ofText, from: 10.3, to: 9 },
  { example: "conv-text", options: ofText, from: 10.3, to: 9 },
  { example: "image-classifier", options: ofImages, from: 1.2, to: 0.5 },
];

/** The example's options with its files, as the trainer wants them. */
function optionsOf({ example, options }: (typeof examples)[number], out: string) {
  const model = fileURLToPath(new URL(`../${example}/model.mjs`, import.meta.url));
  const files = example === "image-classifier" && {
    data: makeShapes(folder, "train", 1024, 1),
    validation: makeShapes(folder, "test", 256, 2),
  };
  return { ...options, ...files, model, out: join(folder, out) };
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

function lossesOf(events: readonly TrainEvent[]): number[] {
  return events.flatMap((event) => (event.type === "step" ? [event.loss] : []));
}

/** As flags: compactVocab → --compact-vocab. */
function flagsOf(options: Record<string, unknown>): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return value === true ? [flag] : [flag, String(value)];
  });
}

describe.each(examples)("$example", (setting) => {
  const { example, from, to } = setting;
  let inProcess: TrainEvent[];

  it("learns", async () => {
    inProcess = [];
    for await (const event of trainInProcess({ ...optionsOf(setting, example), compileBudget: 0 }))
      inProcess.push(event);
    const losses = lossesOf(inProcess);
    expect(losses[0]).toBeGreaterThan(from);
    expect(mean(losses.slice(-10))).toBeLessThan(to);
    const held = inProcess.find((event): event is EvaluationEvent => event.type === "evaluation");
    expect(held!.meanNll).toBeLessThan(to + 0.5);
    if (example === "image-classifier") expect(held!.accuracy).toBeGreaterThan(0.85);
  });

  it("has the same losses from the command line", () => {
    const args = ["train", "--json", ...flagsOf(optionsOf(setting, `${example}-cli`))];
    const output = execFileSync(process.execPath, [cli, ...args], { encoding: "utf8" });
    const events = output
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as TrainEvent);
    expect(lossesOf(events)).toEqual(lossesOf(inProcess));
  });
});
