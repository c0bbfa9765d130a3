/** Configuration files, --set, aliases: what a run is told, and where each value comes from. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withoutAliases } from "../src/flag-aliases.js";
import { runAne } from "./test-context.js";

const tiny = { dim: 64, hiddenDim: 160, layers: 1, heads: 4, vocabSize: 32000, seqLen: 64 };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ane-cli-"));
  mkdirSync(join(folder, "recipes"));
  const write = (name: string, text: string) => writeFileSync(join(folder, "recipes", name), text);
  write("tiny.json", JSON.stringify(tiny));
  write("run.toml", 'model = "tiny.json"\nlr = 1e-3\nmax_iters = 40\n"grad-accum" = 4\n');
  write("run.json", '{ "model": "tiny.json", "lr": "1e-5", "compactVocab": true }');
  write(
    "run.mjs",
    'export default { model: "tiny.json", lr: 2 * 1e-3, schedule: "cosine", clip: undefined };',
  );
  write("twice.json", '{ "lr": 1, "learning_rate": 2 }');
  write("typo.toml", "warmpu = 3\n");
  write("wrong.json", '{ "lr": -1 }');
  write("choice.json", '{ "schedule": "cos" }');
  write("nested.toml", "[training]\nlr = 1\n");
  write("flag.json", '{ "compactVocab": "yes" }');
  write("list.json", "[1]");
  write("broken.toml", "lr = = 1\n");
  write("run.yaml", "lr: 1\n");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const show = (...inputs: string[]) => runAne(["config", "show", ...inputs], { directory: folder });

async function shown(...inputs: string[]) {
  const { out, err } = await show(...inputs, "--json");
  expect(err).toBe("");
  return JSON.parse(out);
}

describe("ane config show", () => {
  it("takes flags before --set before the file before the defaults, by any of a flag's names", async () => {
    const file = ["--config", "recipes/run.toml"];
    const sets = ["--set", "clip=2", "--set", "lr=7", "--lr", "3e-3"];
    const { recipe, execution, given } = await shown(...file, ...sets);
    expect(recipe).toMatchObject({ lr: 3e-3, clip: 2, accum: 4, beta1: 0.9, seq: 64 });
    expect(recipe.model).toMatchObject({ name: "tiny", dim: 64 });
    expect(execution.steps).toBe(40);
    expect(given).toMatchObject({
      lr: { value: 3e-3, from: "--lr" },
      clip: { value: 2, from: "--set" },
      steps: { value: 40, from: "run.toml" },
      model: { value: join(folder, "recipes/tiny.json"), from: "run.toml" },
    });
    expect(given).not.toHaveProperty("beta1");
  });

  it("reads JSON, with numbers that are texts, and modules", async () => {
    const json = await shown("-c", "recipes/run.json");
    expect(json.recipe).toMatchObject({ lr: 1e-5, compactVocab: true });
    const module = await shown("-c", "recipes/run.mjs");
    expect(module.recipe).toMatchObject({ lr: 2e-3, schedule: "cosine" });
  });

  it("prints a table with where each value comes from", async () => {
    const { out } = await show("--config", "recipes/run.toml", "--accum", "2");
    expect(out).toMatch(/^ {2}lr +0\.001 +run\.toml$/m);
    expect(out).toMatch(/^ {2}accum +2 +--accum$/m);
    expect(out).toMatch(/^ {2}model +tiny +run\.toml$/m);
    expect(out).toMatch(/^ {2}keep +2 +default$/m);
  });

  it("shows a stored run, without other flags", async () => {
    const { recipe, execution } = await shown("-c", "recipes/run.toml");
    const run = join(folder, "runs", "mine");
    mkdirSync(run, { recursive: true });
    writeFileSync(join(run, "config.json"), JSON.stringify({ version: 1, recipe, execution }));
    writeFileSync(join(run, "options.json"), '{ "lr": { "value": 0.001, "from": "--lr" } }');
    expect((await show("mine")).out).toMatch(/^ {2}lr +0\.001 +--lr$/m);
    const { code, err } = await show("mine", "--lr", "1");
    expect([code, err]).toEqual([2, expect.stringContaining("--lr: a stored run has its options")]);
    expect((await show("nothing")).code).toBe(2);
  });
});

describe("a configuration is refused", () => {
  it.each([
    ["--config recipes/absent.toml", "absent.toml", "--config: the file must be there"],
    ["--config recipes", "recipes", "must end in .json, .toml, .mjs"],
    ["--config recipes/run.yaml", "run.yaml", "must end in .json, .toml, .mjs"],
    [
      "--config recipes/broken.toml",
      "broken.toml",
      "--config: the file must be there and readable",
    ],
    ["--config recipes/list.json", "list.json", "must hold options by name"],
    ["--config recipes/typo.toml", "warmpu", 'Did you mean "warmup"?'],
    ["--config recipes/twice.json", "learning_rate", "lr and learning_rate, which are the same"],
    ["--config recipes/wrong.json", "wrong.json: lr", 'greater than 0, got "-1"'],
    ["--config recipes/choice.json", "schedule", "expected constant, cosine, linear"],
    ["--config recipes/nested.toml", "training", 'no option "training"'],
    ["--config recipes/flag.json", "compactVocab", 'expected true or false, got "yes"'],
    ["--set lr", "lr", 'expected NAME=VALUE, got "lr"'],
    ["--set lr=fast", "--set: lr", 'expected a number, got "fast"'],
    ["--set lrr=1", "lrr", 'Did you mean "lr"?'],
    ["--set lr=1 --set lr=2", "--set lr", "got it twice"],
    ["--set config=x.json", "config", "no option"],
    ["--scratch --resume", "--scratch", "--resume as well"],
    ["--scratch --init x.bin", "--scratch", "--init x.bin as well"],
  ])("%s", async (inputs, name, expected) => {
    const { code, out, err } = await runAne(["config", "show", ...inputs.split(" ")], {
      directory: folder,
    });
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(name);
    expect(err).toContain(expected);
    expect(err).not.toContain("    at ");
  });
});

it("--resume alone is the newest run, and refused where there is none", async () => {
  const { code, err } = await runAne(["config", "show", "--resume"], { directory: tmpdir() });
  expect([code, err]).toEqual([2, expect.stringContaining("--resume: there must be a run")]);
});

it("aliases become our names, up to --", () => {
  expect(
    withoutAliases([
      "train",
      "--iters",
      "5",
      "--learning_rate=1e-3",
      "--max-seq-len",
      "64",
      "--wd=0",
    ]),
  ).toEqual(["train", "--steps", "5", "--lr=1e-3", "--seq", "64", "--weight-decay=0"]);
  expect(withoutAliases(["config", "show", "--iters=5"])).toEqual(["config", "show", "--steps=5"]);
  expect(withoutAliases(["sample", "--ckpt", "a", "--", "--start"])).toEqual([
    "sample",
    "--init",
    "a",
    "--",
    "--start",
  ]);
  expect(withoutAliases(["bench", "--iters"])).toEqual(["bench", "--iters"]);
  expect(withoutAliases(["train", "--lr="])).toEqual(["train", "--lr", ""]);
  expect(withoutAliases(["help", "mil", "run"])).toEqual(["mil", "run", "--help"]);
});
