/**
 * What a run costs besides its micro-steps, beside one micro-step of the same run: compiling, the update, a planned restart,
 * resuming, the first micro-step, memory; and how long the command line takes to answer:
 * `pnpm bench:start [--model NAME] [--rounds N] [--json]`. A round is one run of each pipeline, resumed once.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { train } from "@ane/trainer";
import { fp32Peak, measureBandwidth, measurePeaks, updateFloor } from "./lib/limits.mjs";
import { watchChildren } from "./lib/memory.mjs";
import { benchmarkOptions } from "./lib/options.mjs";
import { fixed, report, table } from "./lib/report.mjs";
import { milliseconds, spread } from "./lib/statistics.mjs";
import { temporaryFolder } from "./lib/temporary-folder.mjs";
import { textFor } from "./lib/tokens.mjs";

const options = benchmarkOptions({ rounds: 3 });
const { rounds } = options;
const accum = 3;
/** So many that also the kernels of the smallest model do not fit into one process. */
const updates = 5;

const folder = temporaryFolder();
const ane = fileURLToPath(new URL("../apps/cli/dist/main.js", import.meta.url));

/** Runs until `count` micro-steps are done, or to the end of the run; the run is saved then, and not evaluated. */
async function collect(trainOptions, count) {
  const found = { step: [], restart: [], compile: [], run: [] };
  const start = performance.now();
  let firstStepAfter;
  for await (const event of train(trainOptions)) {
    found[event.type]?.push(event);
    if (event.type !== "step") continue;
    firstStepAfter ??= performance.now() - start;
    if (found.step.length === count) break;
  }
  return { ...found, firstStepAfter };
}

const recipeOf = (pipeline) => {
  const { model } = options;
  return { model, ...textFor(model), pipeline, accum, device: "cpu", saveEvery: 0 };
};

/** One run of a pipeline, resumed once. Micro-steps that neither begin a process nor end an update are the steady ones. */
async function oneRun(pipeline, round) {
  const out = join(folder, `${pipeline}-${round}`);
  const steps = accum * updates + 1;
  const fresh = await collect({ ...recipeOf(pipeline), steps: 10 * steps, out }, steps);
  const resumed = await collect({ resume: out }, 2);
  const begins = new Set([1, ...fresh.restart.map(({ step }) => step + 1)]);
  const isUpdate = ({ step }) => step % accum === 0;
  const { step, compile, restart, run } = fresh;
  return {
    parameters: run[0].parameters,
    kernels: compile[0]?.kernels ?? 0,
    steady: step.filter((each) => !begins.has(each.step) && !isUpdate(each)).map(({ ms }) => ms),
    first: step.filter((each) => begins.has(each.step) && !isUpdate(each)).map(({ ms }) => ms),
    update: step.filter(isUpdate).map(({ breakdown }) => breakdown.optimizer),
    compile: compile.map(({ ms }) => ms),
    restart: restart.map(({ ms }) => ms),
    start: [fresh.firstStepAfter],
    resume: [resumed.firstStepAfter],
  };
}

/** What a run with two updates holds. Looking at it takes time from the run, so it is one that is not timed. */
async function memoryOf(pipeline) {
  const children = watchChildren();
  const steps = 2 * accum + 1;
  const out = join(folder, `${pipeline}-memory`);
  await collect({ ...recipeOf(pipeline), steps: 10 * steps, out }, steps);
  return children.stop();
}

const bandwidth = measureBandwidth(Math.min(1, rounds / 10));
const probes = [];
const runs = { static: [], dynamic: [] };
const notAvailable = {};
const commandLine = { node: [], help: [] };
for (let round = 0; round < rounds; round++) {
  probes.push(fp32Peak(measurePeaks(0.02)));
  for (const pipeline of Object.keys(runs)) {
    if (notAvailable[pipeline]) continue;
    try {
      runs[pipeline].push(await oneRun(pipeline, round));
    } catch (error) {
      if (error.code !== "ERR_OPTION") throw error;
      notAvailable[pipeline] = error.message;
    }
  }
  const spawn = (...args) => milliseconds(() => execFileSync(process.execPath, args));
  for (let i = 0; i < 5; i++) {
    commandLine.node.push(spawn("--eval", "0"));
    commandLine.help.push(spawn(ane, "--help"));
  }
}

const measured = {};
for (const [pipeline, all] of Object.entries(runs)) {
  if (all.length === 0) continue;
  const of = (part) => {
    const list = all.flatMap((run) => run[part]);
    return list.length === 0 ? undefined : spread(list);
  };
  const { parameters, kernels } = all[0];
  const steady = of("steady");
  measured[pipeline] = {
    parameters,
    kernels,
    steadyMs: steady,
    updateMs: of("update"),
    updateFloorMs: 1e3 * updateFloor(bandwidth, parameters),
    compileMs: of("compile"),
    restartMs: of("restart"),
    firstStepMs: of("first"),
    startToFirstStepMs: of("start"),
    resumeToFirstStepMs: of("resume"),
    memory: await memoryOf(pipeline),
    stateBytes: 16 * parameters,
  };
}

report(
  "start",
  {
    model: options.model,
    rounds,
    accum,
    bandwidth,
    pipelines: measured,
    notAvailable,
    commandLine: { nodeMs: spread(commandLine.node), helpMs: spread(commandLine.help) },
  },
  options,
  { probes, print },
);

function print({ pipelines, commandLine }) {
  for (const [pipeline, of] of Object.entries(pipelines)) {
    // The quickest: a successor that is being prepared slows its neighbours down, which must not flatter the rest.
    const steady = of.steadyMs.min;
    const row = (name, ms, against, limit) =>
      ms === undefined
        ? []
        : [
            [
              name,
              fixed(ms.median),
              fixed(ms.min),
              fixed(ms.max),
              against === undefined ? "" : fixed(ms.median / against, 2),
              limit === undefined ? "" : `≤ ${limit}`,
            ],
          ];
    console.log(`\n${options.model}, ${pipeline} pipeline, medians of ${rounds} runs`);
    console.log(
      table(
        ["ms", "median", "min", "max", "ratio", "target"],
        [
          ...row("micro-step, steady", of.steadyMs),
          ...row("update, ratio to 28 bytes per parameter", of.updateMs, of.updateFloorMs, 1.3),
          ...row(`compile ${of.kernels} kernels, ratio to a micro-step`, of.compileMs, steady, 1),
          ...row("planned restart, ratio to a micro-step", of.restartMs, steady, 1),
          ...row(
            "first micro-step of a process, ratio to a steady one",
            of.firstStepMs,
            steady,
            2.5,
          ),
          ...row("new run to end of first micro-step", of.startToFirstStepMs, steady),
          ...row("resumed run to end of first micro-step", of.resumeToFirstStepMs, steady),
        ],
      ),
    );
    if (of.memory) {
      const gigabytes = (bytes) => fixed(bytes / 1e9, 2);
      const { processBytes, togetherBytes } = of.memory;
      console.log(
        `memory, GB: state ${gigabytes(of.stateBytes)}, most of one process ${gigabytes(processBytes)}, ` +
          `of all together ${gigabytes(togetherBytes)}; over the state ${gigabytes(togetherBytes - of.stateBytes)} (target ≤ 0.60)`,
      );
    }
  }
  for (const [name, reason] of Object.entries(notAvailable))
    console.log(`${name}: not available. ${reason}`);
  const { nodeMs, helpMs } = commandLine;
  console.log(
    `\nane --help ${fixed(helpMs.median, 0)} ms (${fixed(helpMs.min, 0)}-${fixed(helpMs.max, 0)}), ` +
      `Node alone ${fixed(nodeMs.median, 0)} ms, ratio ${fixed(helpMs.median / nodeMs.median, 2)}`,
  );
}
