/**
 * Every matrix product and every other operation of a micro-step and an update at a model's sizes, each beside its limit and
 * beside the straightforward loop in JavaScript: `pnpm bench:ops [--model NAME] [--rounds N] [--json]`.
 *
 * The limit of a product is the multiply-add limit of the same round. The limit of another operation is the time in which the
 * same number of bytes is copied by memcpy, or moved by the quickest simple pass of its kind through memory, whichever is less.
 */
import { ArgumentError } from "@ane/accel-ops";
import { parameterLayout, resolveConfig } from "@ane/llama-model";
import { gemmCases } from "./lib/gemm-cases.mjs";
import {
  bf16Peak,
  fp32Peak,
  measureBandwidth,
  measurePeaks,
  rateOf,
  updateFloor,
} from "./lib/limits.mjs";
import { opCases } from "./lib/op-cases.mjs";
import { benchmarkOptions } from "./lib/options.mjs";
import { fixed, report, table } from "./lib/report.mjs";
import { median, medianRecord, milliseconds, spread } from "./lib/statistics.mjs";

const options = benchmarkOptions({ rounds: 15 });
const { rounds } = options;
/** Products and operations of microseconds are repeated within a round. */
const minimumMs = 3;
/** The straightforward loops take hundreds of times longer; this many rounds of them are enough. */
const loopRounds = Math.min(rounds, 3);
/** Parameters of one AdamW call: of a large model so many that no cache holds them. */
const mostParameters = 1 << 24;

const model = resolveConfig(options.model);
const S = Math.min(model.seqLen, 256);
const { dim: D, hiddenDim: F, heads: H, headDim: h, vocabSize: V } = model;
const P = Math.min(parameterLayout(model).total, mostParameters);
const dims = { S, D, F, H, h, V, QD: H * h, KD: model.kvHeads * h, P };

/** The quickest of calls made for some milliseconds: what one call takes when nothing disturbs it. */
function quickest(run, reset) {
  let best = Number.POSITIVE_INFINITY;
  for (let spent = 0; spent < minimumMs; ) {
    reset?.();
    const ms = milliseconds(run);
    best = Math.min(best, ms);
    spent += Math.max(ms, 1e-3);
  }
  return best;
}

const products = gemmCases(dims).map((each) => ({ ...each, ms: [], bf16: [], loops: [] }));
const others = opCases(dims).map((each) => ({
  ...each,
  source: new Uint8Array(each.bytes / 2).fill(1),
  target: each.target,
  copy: new Uint8Array(each.bytes / 2),
  ms: [],
  copies: [],
  loops: [],
}));
const bandwidth = measureBandwidth(Math.min(1, rounds / 10));
const hasBf16 = supportsBf16(products[0]);
const peaks = [];
for (let round = 0; round < rounds; round++) {
  peaks.push(measurePeaks(0.01));
  for (const one of products) {
    one.ms.push(quickest(() => one.run()));
    if (hasBf16) one.bf16.push(quickest(() => one.run("bf16")));
    if (round < loopRounds) one.loops.push(one.loop());
  }
  for (const one of others) {
    one.ms.push(quickest(one.run, one.reset));
    one.copies.push(quickest(() => one.copy.set(one.source)));
    if (round < loopRounds) {
      one.reset?.();
      one.loops.push(milliseconds(one.loop));
    }
  }
}

/** Whether this version and processor have bf16 products: an option that is not known changes nothing, so ask for one that is not. */
function supportsBf16(product) {
  try {
    product.run("no such precision");
    return false;
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
  }
  try {
    product.run("bf16");
    return true;
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    return false;
  }
}

const peak = medianRecord(peaks);
const gemm = products.map(({ name, m, n, k, count, flops, ms, bf16, loops }) => {
  const time = spread(ms);
  const loopRate = median(loops.map((each) => each.flops / each.ms));
  return {
    ...{ name, m, n, k, count, ms: time },
    gflops: flops / time.median / 1e6,
    limitShare: ((flops / time.median) * 1e3) / fp32Peak(peak),
    ...(hasBf16 && {
      bf16Gflops: flops / median(bf16) / 1e6,
      bf16LimitShare: ((flops / median(bf16)) * 1e3) / bf16Peak(peak),
      bf16SpeedUp: time.median / median(bf16),
    }),
    loopSpeedUp: flops / loopRate / time.median,
  };
});
const measured = others.map(({ name, bytes, pass = "apart", target, ms, copies, loops }) => {
  const time = spread(ms);
  const memcpyMs = median(copies);
  const seconds = pass === "update" ? updateFloor(bandwidth, P) : bytes / rateOf[pass](bandwidth);
  const limitMs = Math.min(memcpyMs, 1e3 * seconds);
  return {
    ...{ name, bytes, target, ms: time, memcpyMs, limitMs },
    gigabytesPerSecond: bytes / time.median / 1e6,
    ratio: time.median / limitMs,
    loopSpeedUp: median(loops) / time.median,
  };
});
report(
  "ops",
  {
    model: model.name,
    dims,
    rounds,
    peaks: peak,
    bandwidth,
    gemm,
    gemmLimitShare: totalShare(),
    ops: measured,
  },
  options,
  { probes: peaks.map(fp32Peak), print },
);

/** Share of the limit over one of each product. */
function totalShare() {
  const flops = products.reduce((sum, one) => sum + one.flops, 0);
  const ms = gemm.reduce((sum, one) => sum + one.ms.median, 0);
  return ((flops / ms) * 1e3) / fp32Peak(peak);
}

function print({ gemm: rows, ops: list, gemmLimitShare }) {
  const percent = (share) => (share === undefined ? "-" : `${fixed(100 * share)} %`);
  console.log(`\n${model.name}, ${S} tokens, medians of ${rounds} rounds of the quickest call`);
  console.log(
    `fp32 limit ${fixed(fp32Peak(peak) / 1e9, 0)} GFLOP/s, in place ${fixed(rateOf.inPlace(bandwidth) / 1e9)} GB/s, apart ${fixed(rateOf.apart(bandwidth) / 1e9)} GB/s\n`,
  );
  console.log(
    table(
      [
        "product",
        "M",
        "N",
        "K",
        "x",
        "ms",
        "min",
        "max",
        "GFLOP/s",
        "of limit",
        "bf16 GFLOP/s",
        "of limit",
        "speed-up",
        "x loop",
      ],
      rows.map((row) => [
        row.name,
        ...[row.m, row.n, row.k, row.count],
        ...[row.ms.median, row.ms.min, row.ms.max].map((ms) => fixed(ms, 3)),
        fixed(row.gflops, 0),
        percent(row.limitShare),
        fixed(row.bf16Gflops, 0),
        percent(row.bf16LimitShare),
        fixed(row.bf16SpeedUp, 2),
        fixed(row.loopSpeedUp, 0),
      ]),
    ),
  );
  console.log(`one of each: ${percent(gemmLimitShare)} of the limit\n`);
  console.log(
    table(
      ["operation", "ms", "min", "max", "MB", "GB/s", "memcpy ms", "/ limit", "target", "x loop"],
      list.map((row) => [
        row.name,
        ...[row.ms.median, row.ms.min, row.ms.max, row.bytes / 1e6].map((value) => fixed(value, 3)),
        fixed(row.gigabytesPerSecond),
        fixed(row.memcpyMs, 3),
        fixed(row.ratio, 2),
        row.target === undefined ? "" : `≤ ${row.target}`,
        fixed(row.loopSpeedUp, 0),
      ]),
    ),
  );
}
