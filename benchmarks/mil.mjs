/**
 * How fast programs are made and read, and text is tokenized: `pnpm bench:mil [--rounds N] [--layers N] [--json]`. Fresh
 * processes and a warm one in turn; medians. Every layer's kernels are built anew, though a model's layers share them.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parse } from "@ane/mil-builder";
import { buildModel } from "./lib/build-model.mjs";
import { encodingRate, storyTexts } from "./lib/encode-stories.mjs";
import { fp32Peak, measurePeaks } from "./lib/limits.mjs";
import { benchmarkOptions } from "./lib/options.mjs";
import { fixed, report, table } from "./lib/report.mjs";
import { medianRecord, milliseconds, spread } from "./lib/statistics.mjs";

const options = benchmarkOptions({ rounds: 11 }, { layers: { type: "string", default: "28" } });
const { rounds } = options;
const layers = Number(options.layers);
const targets = { totalMs: 150, parseRate: 20, encodeRate: 5 };

/** What a script of lib/ answers in a process of its own, and how long that process lived. */
function freshProcess(script, ...args) {
  let answer = "";
  const wall = milliseconds(() => {
    const path = fileURLToPath(new URL(`lib/${script}`, import.meta.url));
    answer = execFileSync(process.execPath, [path, ...args], { encoding: "utf8" });
  });
  return { wall, answer: JSON.parse(answer) };
}

const stories = storyTexts();
const measured = { fresh: [], shared: [], warm: [], parse: [], encode: [], firstEncode: [] };
const probes = [];
for (let round = 0; round < rounds; round++) {
  probes.push(fp32Peak(measurePeaks(0.02)));
  const { wall, answer } = freshProcess("build-model.mjs", String(layers));
  measured.fresh.push({ ...answer, wall });
  measured.shared.push(freshProcess("build-model.mjs", "1").answer);
  const { texts, ...warm } = buildModel(layers);
  measured.warm.push(warm);
  const bytes = texts.reduce((sum, text) => sum + text.length, 0);
  measured.parse.push(bytes / 1000 / milliseconds(() => texts.map((text) => parse(text))));
  measured.firstEncode.push(freshProcess("encode-stories.mjs").answer);
  measured.encode.push(encodingRate(stories));
}

const fresh = medianRecord(measured.fresh);
report(
  "mil",
  {
    rounds,
    layers,
    kernels: fresh.kernels,
    freshMs: fresh,
    freshTotalMs: spread(measured.fresh.map(({ total }) => total)),
    sharedMs: medianRecord(measured.shared),
    warmMs: medianRecord(measured.warm),
    warmTotalMs: spread(measured.warm.map(({ total }) => total)),
    parseMBs: spread(measured.parse),
    encodeMBs: spread(measured.encode),
    firstEncodeMBs: spread(measured.firstEncode),
    targets,
    totalRatio: fresh.total / targets.totalMs,
  },
  options,
  { probes, print },
);

function print(result) {
  const { freshMs, freshTotalMs, warmMs, warmTotalMs, sharedMs, parseMBs } = result;
  const { encodeMBs, firstEncodeMBs, kernels } = result;
  const row = (name, ms, total) => [
    name,
    ...["load", "build", "verify", "print", "total"].map((part) => fixed(ms[part])),
    total === undefined ? "" : `${fixed(total.min)}-${fixed(total.max)}`,
    fixed(ms.total / targets.totalMs, 2),
  ];
  console.log(`\nkernels of ${layers} layers, ${kernels} in all; medians of ${rounds} rounds\n`);
  console.log(
    table(
      ["ms", "load", "build", "verify", "print", "total", "min-max", `/ ${targets.totalMs} ms`],
      [
        row("fresh process, every layer anew", freshMs, freshTotalMs),
        row("fresh process, one layer's, shared by all", sharedMs),
        row("warm process, every layer anew", warmMs, warmTotalMs),
      ],
    ),
  );
  console.log(`\nthe first process lives ${fixed(freshMs.wall, 0)} ms in all\n`);
  const rate = (name, { min, median, max }, target) => [
    name,
    fixed(median),
    fixed(min),
    fixed(max),
    fixed(median / target, 2),
  ];
  console.log(
    table(
      ["MB/s", "median", "min", "max", "/ target"],
      [
        rate("parse", parseMBs, targets.parseRate),
        rate("tokenize stories, warm process", encodeMBs, targets.encodeRate),
        rate("tokenize stories, fresh process", firstEncodeMBs, targets.encodeRate),
      ],
    ),
  );
}
