/** Pages and pictures of runs: what they say, and that nothing in a run's texts becomes markup. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { embeddedDataset } from "@ane/tokenizer-data";
import { describe, expect, it } from "vitest";
import { compareRuns, comparisonChart } from "../src/compare-runs.js";
import { type Run, readRun } from "../src/read-run.js";
import { EMBEDDED_TRAIN_SHA256, referenceLosses } from "../src/reference-losses.js";
import { lossChart } from "../src/report/loss-chart.js";
import { reportContent } from "../src/report/report-content.js";
import { reportHtml } from "../src/report/report-html.js";
import { reportMarkdown } from "../src/report/report-markdown.js";
import { Series } from "../src/series.js";
import {
  config,
  evaluation,
  run,
  step,
  steps,
  temporaryFolder,
  writeRun,
} from "./support/run-files.js";

const nasty = `<script>alert("x")</script> & '\u0000' | *a* [b](c)`;

const sample = (at: number, prompt: string, text: string) => ({
  ...{ type: "sample", step: at, prompt, text, tokens: 3, temperature: 0, seed: 1, ms: 5 },
});

const events = [
  { ...run({ machine: "Apple M4, 10 cores", commit: "f90677a5a8be", device: nasty }), time: 0 },
  { type: "compile", step: 0, kernels: 4, ms: 500, used: 4, limit: 119 },
  ...steps(1, 9),
  sample(2, "Once", "Once was"),
  sample(4, "Once", "Once there"),
  step(10, { gradNorm: 2, lossScale: 256, underflow: 0, skippedUpdates: 0 }),
  { ...evaluation(10, 8.5), bitsPerByte: 2.5 },
  sample(10, "Once", `Once upon\n${nasty}`),
  { type: "done", reason: "completed", step: 10, directory: "/runs/a", report: {}, time: 61_000 },
];

const aRun = (name = "a", told: readonly unknown[] = events) =>
  readRun(writeRun(join(temporaryFolder(), name), told));

/** Names of elements that are open at the end, or closed without having been opened. */
function unbalanced(markup: string): string[] {
  const open: string[] = [];
  for (const [, slash, name, self] of markup.matchAll(/<(\/?)([a-zA-Z][\w-]*)[^<>]*?(\/?)>/g)) {
    if (self === "/" || ["meta", "br"].includes(name!)) continue;
    if (slash === "") open.push(name!);
    else if (open.pop() !== name) return [`</${name}>`];
  }
  return open;
}

describe("a report", () => {
  it("tells results, times, efficiency and place", async () => {
    const markdown = reportMarkdown(reportContent(await aRun()), "a curve.svg");
    for (const line of [
      "# tiny · a",
      "Status: finished.",
      "![Loss over micro-steps](a%20curve.svg)",
      "| micro-steps | 10 of 100 |",
      "| tokens | 640, 0.100 epochs |",
      "| held-out loss | 8.5000 at micro-step 10 |",
      "| perplexity | 4914.77 |",
      "| bits per byte | 2.5000 |",
      "| clipped updates | 100.0 % |",
      "| began | 1970-01-01 00:00:00 UTC |",
      "| compiling | 0:01 (80.6 %) |",
      "| · device | 4.0 ms (40.0 %) |",
      "| tokens per second | 6400 |",
      "| achieved | 0.200 TFLOPS |",
      "| machine | Apple M4, 10 cores |",
      "| git commit | f90677a5a8be |",
      "| model.dim | 64 |",
      'Micro-step 2, prompt "Once":',
      "    Once upon",
    ]) {
      expect(markdown.split("\n")).toContain(line);
    }
    expect(markdown).not.toContain("Once there"); // only the first and the last sample
    expect(markdown).not.toContain("optimizer | 0"); // nothing worth telling
  });

  it("is one page that needs nothing else, in which texts stay texts", async () => {
    const content = reportContent(await aRun());
    const html = reportHtml(content);
    expect(html).toContain(content.chart);
    expect(html).toContain(
      "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;&#39; | *a*",
    );
    expect(html).not.toMatch(/<script|<link|@import|url\(|src=/);
    expect(html.match(/https?:[^"\s]*/g)).toEqual(["http://www.w3.org/2000/svg"]); // a name
    expect(unbalanced(html)).toEqual([]);
    expect(reportMarkdown(content)).toContain(
      String.raw`\<script\>alert("x")\</script\> & ' ' \| \*a\* \[b\](c)`,
    );
  });

  it("is possible before anything has happened", async () => {
    const content = reportContent(await aRun("b", []));
    expect(content.status).toBe("dead");
    expect(content.chart).toContain("no losses yet");
    const html = reportHtml(content);
    expect(unbalanced(html)).toEqual([]);
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe("a chart", () => {
  const series = (values: readonly number[], first = 1) =>
    values.reduce((all, value, index) => all.push(first + index, value), Series.empty);
  const chart = (values: readonly number[], options = {}) =>
    lossChart([{ name: "a", colour: 0, look: "line", series: series(values) }], {
      title: "Losses",
      ...options,
    });
  const points = (svg: string) => {
    const path = /class="line" stroke="var\(--c0\)" d="M([^"]*)"/.exec(svg)![1]!;
    return path.split("L").map((pair) => pair.split(" ").map(Number) as [number, number]);
  };

  it("draws falling losses as a falling line inside of its area", () => {
    const svg = chart([8, 4, 2, 1]);
    const drawn = points(svg);
    expect(drawn).toHaveLength(4);
    expect(drawn.map(([x]) => x)).toEqual(drawn.map(([x]) => x).toSorted((a, b) => a - b));
    expect(drawn.map(([, y]) => y)).toEqual(drawn.map(([, y]) => y).toSorted((a, b) => a - b));
    expect(drawn.every(([x, y]) => x >= 56 && x <= 844 && y >= 40 && y <= 356)).toBe(true);
    expect(svg).toContain('aria-label="Losses; a ends at 1.000, lowest 1.000 at micro-step 4"');
    expect(unbalanced(svg)).toEqual([]);
  });

  it("has equal distances for equal factors on a logarithmic axis", () => {
    const svg = chart(
      Array.from({ length: 100 }, () => 1),
      { scale: "log" },
    );
    const [one, ten, hundred] = [0, 9, 99].map((index) => points(svg)[index]![0]);
    expect(ten! - one!).toBeCloseTo(hundred! - ten!, 0);
  });

  it("shows references that lie in its range, and long runs with few points", () => {
    const references = [
      { name: "near", loss: 1.5 },
      { name: "far", loss: 9 },
    ];
    const svg = chart(
      Array.from({ length: 20_000 }, (_, index) => 1 + (index % 2)),
      { references },
    );
    expect(svg).toContain("near 1.50");
    expect(svg).not.toContain("far 9");
    expect(points(svg).length).toBeLessThanOrEqual(720);
  });

  it.each([[[3]], [[3, 3]], [[Number.NaN, 3]], [[]]])("of %j has only numbers", (values) => {
    expect(chart(values)).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe("a comparison", () => {
  it("has the settings that differ, and all results", async () => {
    const a = await aRun();
    const b: Run = {
      ...(await aRun("b", events.slice(0, 8))),
      config: {
        ...config,
        recipe: { ...config.recipe, lr: 2e-3, zLoss: 0.1 },
      },
    };
    const { runs, differences } = compareRuns([a, b]);
    expect(runs.map(({ id, status }) => [id, status])).toEqual([
      ["a", "finished"],
      ["b", "dead"],
    ]);
    expect(runs.map(({ numbers }) => numbers.step)).toEqual([10, 6]);
    expect(differences).toEqual([
      { name: "lr", values: ["0.001", "0.002"] },
      { name: "zLoss", values: [undefined, "0.1"] },
    ]);
    const svg = comparisonChart([a, b]);
    expect(svg).toContain(">a, held out<");
    expect(svg).not.toContain(">b, held out<");
    expect(unbalanced(svg)).toEqual([]);
  });
});

it("knows what others achieve on the embedded stories alone", () => {
  const names = (data: string, validationPath: string | null) =>
    referenceLosses({
      ...config,
      recipe: { ...config.recipe, data: { sha256: data, tokens: 1 } },
      execution: { ...config.execution, validationPath },
    }).map(({ name }) => name);
  const stories = readFileSync(embeddedDataset().train);
  expect(createHash("sha256").update(stories).digest("hex")).toBe(EMBEDDED_TRAIN_SHA256);
  expect(names("00", "embedded")).toEqual(["uniform"]);
  expect(names(EMBEDDED_TRAIN_SHA256, null)).toEqual(["uniform"]);
  expect(names(EMBEDDED_TRAIN_SHA256, "embedded")).toContain("5-gram");
});
