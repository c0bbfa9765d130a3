/** The code of docs/your-own-layer.md: it is at most as long as its title says, trains from the command line, and can be compared. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type ModelDefinition, modelGradients, type TrainEvent } from "@ane/trainer";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const cli = join(root, "apps/cli/dist/main.js");
const page = readFileSync(join(root, "docs/your-own-layer.md"), "utf8");
const code = /```js\n([\s\S]*?)```/.exec(page)![1]!;

let folder: string;
let model: string;
beforeAll(() => {
  folder = mkdtempSync(join(root, "examples", ".your-own-layer-")); // where @ane/trainer is found
  model = join(folder, "my-model.mjs");
  writeFileSync(model, code);
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: string[]): string {
  return execFileSync(process.execPath, [cli, ...args], { cwd: folder, encoding: "utf8" });
}

it("has 30 lines of code", () => {
  const lines = code.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("//"));
  expect(lines.length).toBeLessThanOrEqual(30);
});

it("trains with the page's own command, and goes on", () => {
  const [train] = /^ {4}ane (train --model .*)$/m.exec(page)!.slice(1);
  const flags = ["--device", "cpu", "--json", "--out", "run"];
  const output = run(...train!.split(" "), ...flags);
  const further = run("train", "--resume", "run", "--steps", "104", "--json");
  const losses = [output, further].map((text) =>
    text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as TrainEvent)
      .flatMap((event) => (event.type === "step" ? [event.loss] : [])),
  );
  expect(losses.map(({ length }) => length)).toEqual([100, 4]);
  expect(losses[0]![0]).toBeGreaterThan(10);
  const mean = (part: readonly number[]) => part.reduce((a, b) => a + b, 0) / part.length;
  expect(mean(losses[0]!.slice(-10))).toBeLessThan(7.5);
  expect(mean(losses[1]!)).toBeLessThan(8.5);
});

it("evaluates and samples with the page's own commands, as training does", () => {
  const command = (name: string) =>
    new RegExp(`^ {4}ane (${name}) runs/\\S+ (.*)$`, "m").exec(page)!;
  const [, evaluate, windows] = command("eval");
  const { meanNll } = JSON.parse(run(evaluate!, "run", ...windows!.split(" "), "--json"));
  const events = readFileSync(join(folder, "run", "events.jsonl"), "utf8")
    .trim()
    .split("\n");
  const evaluations = events
    .map((line) => JSON.parse(line) as TrainEvent)
    .filter((event) => event.type === "evaluation");
  expect(meanNll).toBe(evaluations.at(-1)!.meanNll);
  const [, sample, prompt] = command("sample");
  const words = /^-i "(.*)"$/.exec(prompt!)![1]!;
  expect(run(sample!, "run", "-i", words, "--quiet").startsWith(words)).toBe(true);
});

it("prints what was derived", () => {
  const printed = run("mil", "derive", "my-model.mjs", "--print");
  expect(printed).toMatch(/^layer 0, 1\ntokenShift: 2 kernels/);
  expect(printed).toContain("func main");
  const { types } = JSON.parse(run("mil", "derive", "my-model.mjs", "--json")) as {
    types: { kernels: { name: string }[] }[];
  };
  expect(types.map(({ kernels }) => kernels.map(({ name }) => name))).toEqual([
    ["tokenShiftFwd", "tokenShiftBwd"],
  ]);
});

it("trains a layer with gradient rules of its own", () => {
  const [, module] = /```js\n(\/\/ eighths\.mjs[\s\S]*?)```/.exec(page)!;
  writeFileSync(join(folder, "eighths.mjs"), module!);
  const flags = ["--steps", "3", "--accum", "1", "--compact-vocab", "--device", "cpu", "--json"];
  const output = run("train", "--model", "eighths.mjs", ...flags, "--out", "eighths");
  expect(
    output
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as TrainEvent).type),
  ).toContain("step");
  writeFileSync(join(folder, "without.mjs"), module!.replace(/^ {2}rules: .*$/m, ""));
  expect(() => run("train", "--model", "without.mjs", ...flags, "--out", "without")).toThrow(
    /eighths, layer 0 "eighths": .*ends at op "round"/,
  );
});

it("gives loss and gradients", async () => {
  const { default: definition } = (await import(pathToFileURL(model).href)) as {
    default: ModelDefinition;
  };
  const tokens = Uint16Array.from({ length: 65 }, (_, i) => (i * 37) % 32_000);
  const data = { inputs: tokens.subarray(0, 64), targets: tokens.subarray(1) };
  const { loss, gradients } = modelGradients(definition, data);
  expect(Math.abs(loss - Math.log(32_000))).toBeLessThan(0.2);
  expect(gradients["layers.1.tokenShift.down"]).toHaveLength(64 * 256);
});
