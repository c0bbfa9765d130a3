/** `ane runs`, `ane compare` and `ane report` on runs that were trained for it. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trainInProcess } from "@ane/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runAne } from "./test-context.js";

const tiny = {
  dim: 32,
  hiddenDim: 64,
  layers: 1,
  heads: 2,
  kvHeads: 2,
  vocabSize: 32000,
  seqLen: 32,
};

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ane-runs-"));
  writeFileSync(join(folder, "tiny.json"), JSON.stringify(tiny));
  for (const [name, lr] of [
    ["slow", 1e-4],
    ["fast", 1e-2],
  ] as const) {
    const options = { model: join(folder, "tiny.json"), steps: 8, accum: 2, evalEvery: 4, lr };
    const out = join(folder, "runs", name);
    for await (const _event of trainInProcess({ ...options, evalWindows: 2, out }));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ane = (...inputs: string[]) => runAne(inputs, { directory: folder });

describe("runs", () => {
  it("lists them, the newest first", async () => {
    const { code, out, err } = await ane("runs");
    expect([code, err]).toEqual([0, ""]);
    const [head, ...rows] = out.trimEnd().split("\n");
    expect(head).toMatch(/^run +state +model +parameters +micro-steps +loss +held out +changed$/);
    expect(rows.map((row) => row.split(/ +/).slice(0, 5))).toEqual([
      ["fast", "finished", "tiny", "1.03M", "8/8"],
      ["slow", "finished", "tiny", "1.03M", "8/8"],
    ]);
    expect(rows[0]).toMatch(/ now$/);
  });

  it("lists them as one JSON array, in a folder of their own too", async () => {
    const { out } = await ane("runs", "list", "runs", "--json");
    const runs = JSON.parse(out) as { id: string; directory: string; validation: number }[];
    expect(runs.map(({ id }) => id)).toEqual(["fast", "slow"]);
    expect(runs[0]!.directory).toBe(join(folder, "runs", "fast"));
    expect(runs[0]!.validation).toBeLessThan(runs[1]!.validation);
    expect((await ane("runs", "--json")).out).toBe(out);
  });

  it("says that there are none", async () => {
    const { code, out, err } = await runAne(["runs"], { directory: tmpdir() });
    expect([code, out]).toEqual([0, ""]);
    expect(err).toContain("Start one: ane train");
  });

  it("exports a table and a board", async () => {
    const { code, out } = await ane(
      ...["runs", "export", "fast", "--csv", "fast.csv", "--tensorboard", "board", "--json"],
    );
    expect(code).toBe(0);
    const { csv, tensorboard } = JSON.parse(out) as Record<string, string>;
    expect(readFileSync(csv!, "utf8").trimEnd().split("\n")).toHaveLength(9);
    expect(existsSync(tensorboard!)).toBe(true);
    expect((await ane("runs", "export", "fast", "--csv", "fast.csv")).out).toBe(`wrote ${csv}\n`);
    expect((await ane("runs", "export", "fast")).code).toBe(2);
  });
});

describe("compare", () => {
  it("draws both, and prints results and different settings", async () => {
    const { code, out } = await ane("compare", "slow", "runs/fast", "--svg", "both.svg");
    expect(code).toBe(0);
    expect(out).toMatch(/^A slow\nB fast\n/);
    expect(out).toMatch(/a.*\n(.*\n)*.*b/);
    expect(out).toMatch(/^training loss +\d+\.\d{4} +\d+\.\d{4}$/m);
    expect(out).toMatch(/^lr +0\.0001 +0\.01$/m);
    expect(out).not.toMatch(/^seed/m);
    expect(readFileSync(join(folder, "both.svg"), "utf8")).toMatch(/^<svg .*fast, held out/s);
  });

  it("as one JSON object", async () => {
    const { out } = await ane("compare", "slow", "fast", "--json");
    const { runs, differences } = JSON.parse(out) as {
      runs: { id: string }[];
      differences: { name: string; values: string[] }[];
    };
    expect(runs.map(({ id }) => id)).toEqual(["slow", "fast"]);
    expect(differences).toContainEqual({ name: "lr", values: ["0.0001", "0.01"] });
    expect((await ane("compare", "slow", "slow")).out).toContain("All settings are the same.");
  });

  it("takes at least two", async () => {
    expect((await ane("compare", "slow")).code).toBe(2);
  });
});

describe("report", () => {
  it("prints the newest run's as Markdown", async () => {
    const { code, out } = await ane("report");
    expect(code).toBe(0);
    expect(out).toMatch(/^# tiny · fast\n\nStatus: finished\.\n/);
    expect(out).toMatch(/^\| lr \| 0\.01 \|$/m);
    expect(out).not.toContain("![");
  });

  it("writes a page, and Markdown with its picture", async () => {
    const { out } = await ane("report", "slow", "--html", "slow.html", "--md", "slow.md");
    const files = ["slow.html", "slow.md", "slow.svg"].map((name) => join(folder, name));
    expect(out).toBe(files.map((path) => `wrote ${path}\n`).join(""));
    const [html, markdown, svg] = files.map((path) => readFileSync(path, "utf8"));
    expect(html).toContain("<title>tiny · slow</title>");
    expect(html).toContain(svg!.trim());
    expect(markdown).toContain("![Loss over micro-steps](slow.svg)");
  });

  it("as one JSON object", async () => {
    const { out } = await ane("report", "slow", "--json");
    expect(JSON.parse(out)).toMatchObject({
      id: "slow",
      status: "finished",
      config: { recipe: { lr: 1e-4 } },
      run: { machine: expect.stringContaining("cores") },
      numbers: { step: 8, bestValidation: { step: expect.any(Number) } },
      files: [],
    });
  });
});
