/**
 * Time of one micro-step (forward and backward of one sequence, no update) beside the machine's limits and PyTorch's time, all
 * interleaved in one run: `pnpm bench:step [--torch PYTHON] [--model NAME] [--rounds N] [--json]`.
 * Needs an idle machine, and says so when it was none.
 */
import { cpuInfo } from "@ane/accel-ops";
import { bf16Peak, fp32Peak, measureBandwidth, measurePeaks, setThreads } from "./lib/limits.mjs";
import { MicroSteps } from "./lib/micro-steps.mjs";
import { benchmarkOptions } from "./lib/options.mjs";
import { fixed, report, table } from "./lib/report.mjs";
import { medianRecord, spread } from "./lib/statistics.mjs";
import { textFor } from "./lib/tokens.mjs";
import { startTorch } from "./lib/torch-steps.mjs";

const options = benchmarkOptions({ rounds: 9 }, { torch: { type: "string" } });
const { rounds } = options;

/** First micro-steps of every side touch fresh memory and are not counted. */
const warmUp = 2;
const peakSeconds = 0.02;
const bandwidthSeconds = Math.min(1, rounds / 10);

/**
 * What is timed. The headline is the pipeline that a run takes by itself: full vocabulary, fp16 numerics, all overheads in.
 * What this version or machine does not have is reported as such.
 */
const variants = {
  static: { pipeline: "static" },
  dynamic: { pipeline: "dynamic" },
  "compact vocabulary": { compactVocab: true },
  bf16: { precision: "bf16" },
};

/**
 * Floating-point operations that the share of the limit is counted on. For Stories110M at 256 tokens what maderix/ANE counts,
 * which is 1.4 % less than `flopsPerStep`: scores that are computed again in the backward pass are not new work.
 */
const countedFlops = ({ model, flopsPerStep }, { seq }) =>
  model === "stories110m" && seq === 256 ? 174.2e9 : flopsPerStep;

const { threads } = cpuInfo();
const shared = { model: options.model, ...textFor(options.model) };

setThreads(1);
const peaksOfOneThread = measurePeaks(0.1);
const bandwidthOfOneThread = measureBandwidth(bandwidthSeconds);
setThreads(threads);
const bandwidth = measureBandwidth(bandwidthSeconds);

const sides = [];
const notAvailable = {};
for (const [name, own] of Object.entries(variants)) {
  try {
    const steps = await MicroSteps.start({ ...shared, ...own });
    const ignored = Object.entries(own).find(([option, value]) => steps.recipe[option] !== value);
    if (ignored) notAvailable[name] = `the option ${ignored[0]} has no effect`;
    else sides.push({ name, steps, ms: [], events: [] });
  } catch (error) {
    if (error.code !== "ERR_OPTION") throw error;
    notAvailable[name] = error.message;
  }
}
if (sides.length === 0) throw new Error(`nothing to time: ${JSON.stringify(notAvailable)}`);
const { run, recipe } = sides[0].steps;
const torch =
  options.torch &&
  (await startTorch(options.torch, { ...recipe.model, seqLen: recipe.seq }, threads));
const torchMs = { fp32: [], bf16: [] };
const peaks = [];

for (let round = -warmUp; round < rounds; round++) {
  const peak = measurePeaks(peakSeconds);
  // Every side follows every other one in turn.
  const first = (round + warmUp) % sides.length;
  for (const side of [...sides.slice(first), ...sides.slice(0, first)]) {
    const { ms, event } = await side.steps.step();
    if (round < 0) continue;
    side.ms.push(ms);
    side.events.push(event);
  }
  if (round >= 0) peaks.push(peak);
  if (!torch) continue;
  for (const mode of ["fp32", "bf16"]) {
    const ms = await torch.step(mode);
    await torch.settle();
    if (round >= 0) torchMs[mode].push(ms);
  }
}
torch?.end();

const peak = medianRecord(peaks);
const limit = fp32Peak(peak);
const torchFp32 = torch && spread(torchMs.fp32);
const torchBf16 = torch && spread(torchMs.bf16);
const measured = Object.fromEntries(
  sides.map(({ name, steps, ms, events }) => {
    const time = spread(ms);
    const flops = countedFlops(steps.run, steps.recipe);
    const isWhole = name === "static" || name === "dynamic";
    return [
      name,
      {
        ms: time,
        pipeline: steps.run.pipeline,
        classes: steps.run.classes,
        gflops: (isWhole ? flops : steps.run.flopsPerStep) / time.median / 1e6,
        ...(isWhole && { peakShare: ((flops / time.median) * 1e3) / limit }),
        ...(torch && {
          torchFp32Ratio: time.median / torchFp32.median,
          torchBf16Ratio: time.median / torchBf16.median,
        }),
        breakdown: medianRecord(events.map(({ breakdown }) => breakdown)),
        compileMs: steps.compile?.ms,
        kernels: steps.compile?.kernels,
      },
    ];
  }),
);
// The last sides leave the choice of the pipeline to the trainer.
const usual = sides.at(-1).steps.run.pipeline;
const headline = measured[usual];

report(
  "step",
  {
    model: run.model,
    seq: recipe.seq,
    threads,
    rounds,
    warmUp,
    pipeline: headline.pipeline,
    microStepMs: headline.ms.median,
    peakShare: headline.peakShare,
    torchRatio: headline.torchFp32Ratio ?? null,
    countedGflop: countedFlops(run, recipe) / 1e9,
    limits: {
      fp32Gflops: limit / 1e9,
      bf16Gflops: bf16Peak(peak) && bf16Peak(peak) / 1e9,
      fp32PerRound: spread(peaks.map((each) => fp32Peak(each) / 1e9)),
      peaks: peak,
      peaksOfOneThread,
      bandwidth,
      bandwidthOfOneThread,
    },
    sides: measured,
    notAvailable,
    ...(torch && {
      torch: { version: torch.version, threads: torch.threads, fp32: torchFp32, bf16: torchBf16 },
    }),
  },
  options,
  { probes: peaks.map(fp32Peak), print },
);

function print({ model, seq, limits, sides, notAvailable, torch, countedGflop }) {
  const gigabytes = (rates) =>
    Object.entries(rates).map(([kind, rate]) => `${kind} ${fixed(rate / 1e9)}`);
  const gigaflops = (rates) =>
    Object.entries(rates).map(([feature, rate]) => `${feature} ${fixed(rate / 1e9, 0)}`);
  console.log(`\n${model}, ${seq} tokens, ${rounds} rounds after ${warmUp} of warm-up, medians\n`);
  console.log(`GFLOP/s   1 thread: ${gigaflops(limits.peaksOfOneThread).join(", ")}`);
  console.log(`          ${threads} threads: ${gigaflops(limits.peaks).join(", ")}`);
  console.log(`GB/s      1 thread: ${gigabytes(limits.bandwidthOfOneThread).join(", ")}`);
  console.log(`          ${threads} threads: ${gigabytes(limits.bandwidth).join(", ")}`);
  console.log("");
  const percent = (share) => (share === undefined ? "-" : `${fixed(100 * share)} %`);
  const times = ({ min, median, max }) => [median, min, max].map((ms) => fixed(ms));
  const peers = torch
    ? Object.entries({ fp32: torch.fp32, "bf16 autocast": torch.bf16 }).map(([mode, ms]) => [
        `PyTorch ${torch.version} ${mode}`,
        ...times(ms),
        fixed((countedGflop * 1e3) / ms.median, 0),
        percent((countedGflop * 1e12) / ms.median / limit),
        fixed(ms.median / torch.fp32.median, 2),
        fixed(ms.median / torch.bf16.median, 2),
      ])
    : [];
  console.log(
    table(
      ["micro-step", "ms", "min", "max", "GFLOP/s", "of limit", "/ torch fp32", "/ torch bf16"],
      [
        ...Object.entries(sides).map(([name, side]) => [
          name in variants && name === side.pipeline ? name : `${name} (${side.pipeline})`,
          ...times(side.ms),
          fixed(side.gflops, 0),
          percent(side.peakShare),
          fixed(side.torchFp32Ratio, 2),
          fixed(side.torchBf16Ratio, 2),
        ]),
        ...peers,
      ],
    ),
  );
  for (const [name, reason] of Object.entries(notAvailable))
    console.log(`${name}: not available. ${reason}`);
  const parts = Object.keys(Object.values(sides)[0].breakdown);
  console.log("");
  console.log(
    table(
      ["part, ms", ...Object.keys(sides)],
      parts.map((part) => [
        part,
        ...Object.values(sides).map(({ breakdown }) => fixed(breakdown[part])),
      ]),
    ),
  );
}
