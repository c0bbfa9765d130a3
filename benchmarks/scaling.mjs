/**
 * Time against the size of the work: sequence length, sequences per update, model, threads; each beside its arithmetic:
 * `pnpm bench:scaling [--model NAME] [--rounds N] [--series NAME] [--plot FILE] [--json]`. Each point has a process of its own; a
 * round is one pass over all of them, or over those of one series. "Growth" is how much faster time grows than arithmetic from a
 * series' first point: above 1 is bad.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { cpuInfo } from "@ane/accel-ops";
import { benchmarkOptions } from "./lib/options.mjs";
import { logPlot } from "./lib/plot.mjs";
import { fixed, report, table } from "./lib/report.mjs";
import { median } from "./lib/statistics.mjs";

const options = benchmarkOptions(
  { rounds: 3 },
  {
    steps: { type: "string", default: "5" },
    series: { type: "string" },
    plot: { type: "string" },
    quick: { type: "boolean", default: false },
  },
);
const { rounds, model } = options;
const { threads } = cpuInfo();
const powers = (from, to) => {
  const list = [];
  for (let value = from; value < to; value *= 2) list.push(value);
  return [...list, to];
};

/** By series: label, options of the trainer, threads. `--quick` takes the first two points of each. */
const allSeries = {
  "sequence length": powers(64, 1024).map((seq) => [`${seq}`, { model, seq }, threads]),
  "sequences per update": powers(1, 8).map((accum) => [`${accum}`, { model, accum }, threads]),
  "model at 256 tokens": ["stories260k", "stories15m", "stories42m", "stories110m"].map((name) => [
    name,
    { model: name, seq: 256 },
    threads,
  ]),
  threads: powers(1, threads).map((count) => [`${count}`, { model }, count]),
};

const names = Object.keys(allSeries).filter((name) => name === (options.series ?? name));
if (names.length === 0) {
  const known = Object.keys(allSeries).join(", ");
  throw new Error(`--series: must be one of ${known}, got "${options.series}"`);
}
const script = fileURLToPath(new URL("lib/point.mjs", import.meta.url));
const points = names.flatMap((name) =>
  allSeries[name].slice(0, options.quick ? 2 : undefined).map(([label, own, count]) => ({
    series: name,
    label,
    request: { options: own, threads: count, steps: Number(options.steps) },
    answers: [],
  })),
);
for (let round = 0; round < rounds; round++) {
  for (const { request, answers } of points) {
    const out = execFileSync(process.execPath, [script, JSON.stringify(request)], {
      encoding: "utf8",
    });
    answers.push(JSON.parse(out));
  }
}

const measured = {};
for (const { series: name, label, request, answers } of points) {
  const ms = median(answers.map((answer) => answer.ms.median));
  const { flops, pipeline } = answers[0];
  measured[name] ??= [];
  const list = measured[name];
  const first = list[0] ?? { ms, flops };
  const peak = median(answers.map((answer) => answer.peak.median));
  list.push({
    label,
    threads: request.threads,
    pipeline,
    ms,
    min: Math.min(...answers.map((answer) => answer.ms.min)),
    max: Math.max(...answers.map((answer) => answer.ms.max)),
    flops,
    gflops: flops / ms / 1e6,
    limitShare: ((flops / ms) * 1e3) / peak,
    growth: ms / first.ms / (flops / first.flops),
    peak,
  });
}

const probes = points
  .filter(({ request }) => request.threads === threads)
  .flatMap(({ answers }) => answers.map((answer) => answer.peak.median));
const benchmark = options.series === undefined ? "scaling" : `scaling, ${options.series}`;
report(benchmark, { model, rounds, series: measured }, options, { probes, print });
if (options.plot) writeFileSync(options.plot, plot(measured));

function print({ series: all }) {
  for (const [name, list] of Object.entries(all)) {
    console.log("");
    console.log(
      table(
        [name, "ms", "min", "max", "GFLOP", "GFLOP/s", "of limit", "growth"],
        list.map(({ label, ms, min, max, flops, gflops, limitShare, growth }) => [
          label,
          ...[ms, min, max].map((each) => fixed(each)),
          fixed(flops / 1e9, 2),
          fixed(gflops, 0),
          `${fixed(100 * limitShare)} %`,
          fixed(growth, 2),
        ]),
      ),
    );
  }
}

function plot(all) {
  const lines = Object.entries(all)
    .filter(([name]) => name !== "threads")
    .map(([name, list]) => ({ name, points: list.map(({ flops, ms }) => [flops / 1e9, ms]) }));
  const work = lines.flatMap((each) => each.points.map(([gflop]) => gflop));
  const limit = median(Object.values(all).flatMap((list) => list.map(({ peak }) => peak)));
  const ends = [Math.min(...work), Math.max(...work)];
  return logPlot({
    title: `Time against arithmetic, ${threads} threads`,
    x: "GFLOP",
    y: "ms",
    series: [
      ...lines,
      {
        name: "fp32 multiply-add limit",
        dashed: true,
        points: ends.map((gflop) => [gflop, (gflop * 1e12) / limit]),
      },
    ],
  });
}
