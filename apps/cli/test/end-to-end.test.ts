/**
 * The program as users run it: built, in a process of its own. Real checkpoints are found through ANE_TEST_DATA
 * (a folder with llama/ and text/); stories15M through ANE_STORIES15M.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const program = join(dirname(fileURLToPath(import.meta.url)), "..", "dist", "main.js");
const data = process.env.ANE_TEST_DATA;
const stories15M = process.env.ANE_STORIES15M;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ane-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function ane(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { status, stdout, stderr };
}

interface Line {
  readonly type: string;
  readonly step: number;
  readonly loss: number;
  readonly kernels?: number;
}

const events = (stdout: string) =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);

const losses = (lines: readonly Line[]) =>
  lines.filter(({ type }) => type === "step").map(({ loss }) => loss);

const tiny = {
  dim: 64,
  hiddenDim: 160,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  vocabSize: 32000,
  seqLen: 64,
};

describe("train", () => {
  const recipe = ["--model", "tiny.json", "--accum", "3", "--lr", "3e-3", "--json"];
  beforeAll(() => writeFileSync(join(folder, "tiny.json"), JSON.stringify(tiny)));

  it("trains with kernels that are compiled once, and resumes with the same losses", () => {
    const whole = events(ane("train", ...recipe, "--steps", "8", "--out", "whole").stdout);
    expect(whole.filter(({ type }) => type === "compile").map(({ kernels }) => kernels)).toEqual([
      4,
    ]);
    const started = ane("train", ...recipe, "--steps", "5", "--out", "part");
    const resumed = ane("train", "--resume", "part", "--steps", "8", "--json");
    expect([...losses(events(started.stdout)), ...losses(events(resumed.stdout))]).toEqual(
      losses(whole),
    );
    const { execution, given, ...stored } = JSON.parse(
      ane("config", "show", "part", "--json").stdout,
    );
    expect([stored.recipe.lr, execution.steps]).toEqual([3e-3, 8]);
    expect(given).toMatchObject({ lr: { from: "--lr" }, steps: { value: 8, from: "--steps" } });
  });

  it("trains, restarts at the compile budget, saves, reports, and gives the losses of one process", () => {
    const baked = [...recipe, "--pipeline", "static", "--kernels", "handwritten"];
    const restarting = ane(
      "train",
      ...baked,
      "--steps",
      "12",
      "--compile-budget",
      "15",
      "--out",
      "a",
    );
    expect(restarting.stderr).toBe("");
    expect(restarting.status).toBe(0);
    const lines = events(restarting.stdout);
    expect(lines[0]!.type).toBe("run");
    expect(lines.at(-1)!.type).toBe("done");
    expect(lines.filter(({ type }) => type === "restart")).toHaveLength(3);
    expect(lines.filter(({ type }) => type === "compile").map(({ kernels }) => kernels)).toEqual([
      12, 12, 12, 12,
    ]);
    expect(lines.filter(({ type }) => type === "checkpoint").map(({ step }) => step)).toEqual([12]);
    const trained = losses(lines);
    expect(trained).toHaveLength(12);
    const mean = (part: number[]) => part.reduce((a, b) => a + b, 0) / part.length;
    expect(mean(trained.slice(-4))).toBeLessThan(mean(trained.slice(0, 4)));

    const alone = ane("train", ...baked, "--steps", "12", "--compile-budget", "0", "--out", "b");
    expect(losses(events(alone.stdout))).toEqual(trained);

    const started = ane("train", ...baked, "--steps", "7", "--out", "c");
    const resumed = ane("train", "--resume", "c", "--steps", "12", "--json");
    expect([...losses(events(started.stdout)), ...losses(events(resumed.stdout))]).toEqual(trained);
  });

  it("refuses what cannot work, names it, and leaves nothing behind", () => {
    writeFileSync(join(folder, "odd.bin"), Buffer.alloc(201));
    writeFileSync(join(folder, "large-id.bin"), Buffer.alloc(2000, 0xff));
    for (const [args, expected] of [
      [["--model", "stories111m"], /stories110m/],
      ...(process.platform === "darwin"
        ? []
        : [[["--device", "ane"], /Neural Engine needs Apple silicon/] as const]),
      [["--model", "tiny.json", "--seq", "48"], /--seq.*multiple of 32.*48/],
      [["--model", "tiny.json", "--data", "odd.bin"], /odd\.bin.*multiple of 2 bytes/],
      [["--model", "tiny.json", "--data", "large-id.bin"], /large-id\.bin.*byte 0.*32000.*65535/],
      [["--model", "tiny.json", "--data", "absent.bin"], /absent\.bin/],
      [["--init", "odd.bin"], /odd\.bin/],
      [["--resume", "absent"], /absent/],
    ] as const) {
      const out = args[0] === "--resume" ? [] : ["--out", "refused"];
      const { status, stdout, stderr } = ane("train", ...args, ...out);
      expect(status, stderr).toBe(args[1] === "ane" ? 1 : 2);
      expect(stdout).toBe("");
      expect(stderr).toMatch(expected);
      expect(stderr).not.toContain("    at ");
      expect(existsSync(join(folder, "refused"))).toBe(false);
    }
  });
});

describe.skipIf(data === undefined)(
  `real models${data ? "" : ": ANE_TEST_DATA is not set"}`,
  () => {
    const file = (name: string) => join(data!, name);

    it("eval gives the known loss of stories260K", () => {
      const { stdout } = ane(
        ...[
          "eval",
          "--init",
          file("llama/stories260K.bin"),
          "--seq",
          "512",
          "--windows",
          "20",
          "--json",
        ],
        ...["--tokenizer", file("llama/tok512.bin")],
        ...["--data", file("text/tinystories_train_cased.tok512.bin")],
      );
      const { meanNll } = JSON.parse(stdout) as { meanNll: number };
      expect(Math.abs(meanNll - 1.275128)).toBeLessThan(1e-4);
    });

    it("sample prints the known greedy text of stories260K", () => {
      const { stdout } = ane(
        ...["sample", "--init", file("llama/stories260K.bin"), "-z", file("llama/tok512.bin")],
        ...["-t", "0", "-n", "256", "--quiet"],
      );
      expect(stdout).toBe(readFileSync(file("llama/stories260K.greedy256.txt"), "utf8"));
    });

    it("data tokenize gives the known ids, and data info reads them", () => {
      const text = file("text/tinystories_train_cased.txt");
      const tokenized = ane(
        "data",
        "tokenize",
        text,
        "stories.bin",
        "-z",
        file("llama/tok512.bin"),
      );
      expect(tokenized.stderr).toBe("");
      const expected = readFileSync(file("text/tinystories_train_cased.tok512.bin"));
      expect(readFileSync(join(folder, "stories.bin")).equals(expected)).toBe(true);
      const again = ane("data", "tokenize", text, "stories.bin");
      expect([again.status, again.stderr]).toEqual([2, expect.stringContaining("must not exist")]);
      const { stdout } = ane(
        "data",
        "info",
        "stories.bin",
        "-z",
        file("llama/tok512.bin"),
        "--json",
      );
      expect(JSON.parse(stdout)).toMatchObject({
        dtype: "uint16",
        documents: 2316,
        vocabSize: 512,
      });
    });

    it.skipIf(stories15M === undefined)(
      `stories15M: known loss and greedy text${stories15M ? "" : ": ANE_STORIES15M is not set"}`,
      () => {
        const evaluated = ane(
          ...["eval", "--init", stories15M!, "--seq", "256", "--windows", "8", "--json"],
          ...["--data", file("text/tinystories_train_cased.llama32k.bin")],
        );
        const { meanNll } = JSON.parse(evaluated.stdout) as { meanNll: number };
        expect(Math.abs(meanNll - 1.094151)).toBeLessThan(1e-4);
        const { stdout } = ane("sample", "--init", stories15M!, "-t", "0", "-n", "256", "--quiet");
        expect(stdout).toBe(readFileSync(file("llama/stories15M.greedy256.txt"), "utf8"));
      },
    );
  },
);
