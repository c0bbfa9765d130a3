/**
 * Time of one micro-step beside PyTorch's, interleaved in one run: `node step.mjs [--torch PYTHON] [--model NAME]
 * [--rounds N] [--json]`. Prints medians, GFLOP/s and the ratios; run it on an idle machine.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { cpuInfo } from "@ane/accel-ops";
import { trainInProcess } from "@ane/trainer";
import { startTorch } from "./torch-step.mjs";

const { values: options } = parseArgs({
  options: {
    torch: { type: "string" },
    model: { type: "string", default: "stories110m" },
    rounds: { type: "string", default: "7" },
    json: { type: "boolean", default: false },
  },
});

/** PyTorch's threads spin for a while after a step; wait until they sleep. */
const settleMs = 300;
/** First steps of either side touch fresh memory. */
const warmUp = 2;

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

const directory = mkdtempSync(join(tmpdir(), "ane-bench-"));
try {
  const rounds = Number(options.rounds) + warmUp;
  const events = trainInProcess({
    model: options.model,
    out: join(directory, "run"),
    steps: rounds,
    accum: rounds + 1, // forward and backward only: no update within the run
    compileBudget: 0,
    saveEvery: 0,
    device: "cpu",
  });
  const next = async (type) => {
    for (let event = await events.next(); !event.done; event = await events.next()) {
      if (event.value.type === type) return event.value;
    }
    throw new Error(`the run ended before its next event of type ${type}`);
  };
  const run = await next("run");
  const config = JSON.parse(readFileSync(join(directory, "run", "config.json"), "utf8"));
  const { model, seq } = config.recipe;
  const compile = await next("compile");
  const torch =
    options.torch &&
    (await startTorch(options.torch, { ...model, seqLen: seq }, cpuInfo().threads));

  const times = { ours: [], fp32: [], bf16: [] };
  const breakdowns = [];
  for (let round = 0; round < rounds; round++) {
    const step = await next("step");
    times.ours.push(step.ms);
    breakdowns.push(step.breakdown);
    if (!torch) continue;
    for (const mode of ["fp32", "bf16"]) {
      times[mode].push(await torch.step(mode));
      await setTimeout(settleMs);
    }
  }
  torch?.end();
  await events.return();

  const steady = (list) => median(list.slice(warmUp));
  const ms = steady(times.ours);
  const result = {
    machine: `${cpus()[0].model}, ${cpus().length} cores, ${cpuInfo().isa}`,
    model: run.model,
    compileMs: compile.ms,
    microStepMs: ms,
    gflops: run.flopsPerStep / ms / 1e6,
    ...(torch && {
      torch: torch.version,
      torchFp32Ms: steady(times.fp32),
      torchBf16Ms: steady(times.bf16),
      torchRatio: ms / steady(times.fp32),
      torchBf16Ratio: ms / steady(times.bf16),
    }),
    breakdown: Object.fromEntries(
      Object.keys(breakdowns[0]).map((part) => [part, steady(breakdowns.map((b) => b[part]))]),
    ),
  };
  if (options.json) console.log(JSON.stringify(result));
  else print(result);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function print({ machine, model, compileMs, microStepMs, gflops, breakdown, ...peer }) {
  console.log(`${model} on ${machine}; medians of ${options.rounds} interleaved rounds`);
  console.log(`compile      ${compileMs.toFixed(0)} ms, once per update`);
  console.log(`micro-step   ${microStepMs.toFixed(0)} ms   ${gflops.toFixed(0)} GFLOP/s`);
  for (const [part, ms] of Object.entries(breakdown)) {
    console.log(`  ${part.padEnd(16)}${ms.toFixed(1).padStart(8)} ms`);
  }
  if (peer.torch) {
    console.log(`PyTorch ${peer.torch}`);
    console.log(
      `  fp32           ${peer.torchFp32Ms.toFixed(0)} ms   ours / theirs ${peer.torchRatio.toFixed(2)}`,
    );
    console.log(
      `  bf16 autocast  ${peer.torchBf16Ms.toFixed(0)} ms   ours / theirs ${peer.torchBf16Ratio.toFixed(2)}`,
    );
  }
}
