/**
 * Kernels that are derived from Llama's forward passes beside those that were written by hand, interleaved in one run:
 * `node benchmarks/derived.mjs [--model NAME] [--rounds N] [--kernels-only] [--json]`. First the kernels of a layer on the cpu device, by
 * themselves, then whole micro-steps of the trainer. Beside the time it counts what all threads of the process worked, which other
 * programs disturb less.
 */
import { openDevice } from "@ane/ane-runtime";
import { resolveConfig } from "@ane/llama-model";
import {
  byteSize,
  dynamicKernels,
  kernelFlops,
  llamaKernels,
  staticTypeOf,
  writeBlobFile,
} from "@ane/mil-builder";
import { derivedLlama } from "@ane/mil-builder/autodiff";
import { measurePeaks } from "./lib/limits.mjs";
import { MicroSteps } from "./lib/micro-steps.mjs";
import { benchmarkOptions } from "./lib/options.mjs";
import { fixed, report, table } from "./lib/report.mjs";
import { median, milliseconds, spread } from "./lib/statistics.mjs";
import { textFor } from "./lib/tokens.mjs";

const options = benchmarkOptions({ rounds: 9 }, { "kernels-only": { type: "boolean" } });
const { rounds } = options;
/** First evaluations touch fresh memory and are not counted. */
const warmUp = 2;
const peakSeconds = 0.02;
const SOURCES = ["handwritten", "derived"];
const PIPELINES = ["static", "dynamic"];

const model = resolveConfig(options.model);
const S = Math.min(model.seqLen, 256);
const { dim, hiddenDim, heads, kvHeads, headDim, normEps, ropeTheta } = model;
const config = { dim, hiddenDim, heads, kvHeads, headDim, normEps, ropeTheta, seqLen: S };

const kernelsOf = {
  static: {
    handwritten: () => Object.values(llamaKernels(config)),
    derived: () => kernelsOfLayer(derivedLlama(config, "static")),
  },
  dynamic: {
    handwritten: () => Object.values(dynamicKernels(config)),
    derived: () => kernelsOfLayer(derivedLlama(config, "dynamic")),
  },
};

function kernelsOfLayer(halves) {
  return Object.values(halves).flatMap(({ forward, backward }) => [forward, ...backward]);
}

/** Ops, arithmetic and surface bytes of kernels that are evaluated once each. */
function count(kernels) {
  const sum = (amount) => kernels.reduce((total, kernel) => total + amount(kernel), 0);
  const bytes = (values) =>
    values.reduce((total, value) => total + byteSize(staticTypeOf(value)), 0);
  const main = ({ program }) => program.functions[0];
  return {
    dispatches: kernels.length,
    ops: sum((kernel) => main(kernel).operations.filter(({ type }) => type !== "const").length),
    gflop: sum(kernelFlops) / 1e9,
    bytesRead: sum((kernel) => bytes(main(kernel).inputs)),
    bytesWritten: sum((kernel) => bytes(main(kernel).outputs)),
  };
}

/** A kernel on surfaces and weights of small numbers, ready to be evaluated. */
function prepare(device, kernel) {
  const files = new Map(kernel.constants);
  for (const { path, shape } of Object.values(kernel.weights)) {
    const length = shape.reduce((product, dim) => product * dim, 1);
    files.set(path, writeBlobFile([{ dtype: "fp16", data: small(length) }]));
  }
  const compiled = device.compile(kernel.program, files);
  const bindings = {};
  for (const { name, dtype, shape } of [...compiled.inputs, ...compiled.outputs]) {
    const surface = device.createSurface({ dtype, shape });
    surface.write((elements) => elements.set(small(elements.length)));
    bindings[name] = surface;
  }
  return () => compiled.evaluate(bindings);
}

/** fp16 bits of numbers around 0, of magnitude 1/64 to 1/32. */
function small(length) {
  return Uint16Array.from({ length }, (_, i) => ((i & 1) << 15) | 0x2400 | ((i * 7919) & 0x3ff));
}

const device = openDevice("cpu", { compileBudget: 0 });
const layers = PIPELINES.flatMap((pipeline) =>
  SOURCES.map((source) => {
    const kernels = kernelsOf[pipeline][source]();
    const evaluations = kernels.map((kernel) => prepare(device, kernel));
    return {
      ...{ pipeline, source, evaluations, counts: count(kernels), ms: [], work: [] },
      each: kernels.map(({ name }) => ({ name, ms: [] })),
    };
  }),
);
const peaks = [];
for (let round = -warmUp; round < rounds; round++) {
  if (round >= 0) peaks.push(Object.values(measurePeaks(peakSeconds))[0]);
  for (const { evaluations, ms, work, each } of rotated(layers, round + warmUp)) {
    const before = process.cpuUsage();
    const times = evaluations.map(milliseconds);
    const worked = workedSince(before);
    if (round < 0) continue;
    work.push(worked);
    ms.push(times.reduce((a, b) => a + b, 0));
    for (const [i, time] of times.entries()) each[i].ms.push(time);
  }
}

const sides = [];
if (!options["kernels-only"]) {
  for (const pipeline of PIPELINES) {
    for (const kernels of SOURCES) {
      const steps = await MicroSteps.start({
        model: options.model,
        ...textFor(options.model),
        pipeline,
        kernels,
      });
      sides.push({ pipeline, source: kernels, steps, ms: [], work: [] });
    }
  }
  for (let round = -warmUp; round < rounds; round++) {
    for (const side of rotated(sides, round + warmUp)) {
      const before = process.cpuUsage();
      const { ms, event } = await side.steps.step();
      const worked = workedSince(before);
      side.counts = event.counts;
      if (round < 0) continue;
      side.ms.push(ms);
      side.work.push(worked);
    }
  }
}

/** Milliseconds that all threads have worked, together. */
function workedSince(before) {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e3;
}

/** Every side follows every other one in turn. */
function rotated(list, round) {
  const first = round % list.length;
  return [...list.slice(first), ...list.slice(0, first)];
}

/** Median of the ratios within a round: what disturbs a round disturbs both. */
function ratio(list, pipeline, of) {
  const [hand, derived] = SOURCES.map((source) =>
    list.find((side) => side.pipeline === pipeline && side.source === source),
  );
  return hand && median(derived[of].map((each, round) => each / hand[of][round]));
}

/** Derived over hand-written, by pipeline. */
function ratios(list) {
  return Object.fromEntries(
    PIPELINES.map((pipeline) => [
      pipeline,
      { time: ratio(list, pipeline, "ms"), work: ratio(list, pipeline, "work") },
    ]),
  );
}

report(
  "derived",
  {
    model: options.model,
    seq: S,
    rounds,
    layer: layers.map(({ pipeline, source, counts, ms, work, each }) => ({
      pipeline,
      source,
      ...counts,
      ms: spread(ms),
      workMs: spread(work),
      kernels: Object.fromEntries(each.map(({ name, ms: times }) => [name, median(times)])),
    })),
    steps: sides.map(({ pipeline, source, counts, steps, ms, work }) => ({
      pipeline,
      source,
      counts,
      compileMs: steps.compile?.ms,
      ms: spread(ms),
      workMs: spread(work),
    })),
    layerRatio: ratios(layers),
    ...(sides.length > 0 && { stepRatio: ratios(sides) }),
  },
  options,
  {
    probes: peaks,
    print({ layer, steps, layerRatio, stepRatio }) {
      const ratioOf = (of, { pipeline, source }) =>
        source === "derived" ? Object.values(of[pipeline]).map((each) => fixed(each, 2)) : ["", ""];
      console.log("kernels of one layer, each evaluated once");
      console.log(
        table(
          [
            "",
            "dispatches",
            "ops",
            "GFLOP",
            "read MB",
            "written MB",
            "ms",
            "worked",
            "ratio",
            "of work",
          ],
          layer.map((row) => [
            `${row.pipeline}, ${row.source}`,
            row.dispatches,
            row.ops,
            fixed(row.gflop, 2),
            fixed(row.bytesRead / 1e6, 2),
            fixed(row.bytesWritten / 1e6, 2),
            fixed(row.ms.median, 2),
            fixed(row.workMs.median, 2),
            ...ratioOf(layerRatio, row),
          ]),
        ),
      );
      for (const { pipeline, source, kernels } of layer) {
        const parts = Object.entries(kernels).map(([name, ms]) => `${name} ${fixed(ms, 2)}`);
        console.log(`  ${pipeline}, ${source}: ${parts.join(", ")} ms`);
      }
      if (steps.length === 0) return;
      console.log("a micro-step");
      console.log(
        table(
          [
            "",
            "dispatches",
            "device GFLOP",
            "copied MB",
            "converted MB",
            "compile ms",
            "ms",
            "worked",
            "ratio",
            "of work",
          ],
          steps.map((row) => [
            `${row.pipeline}, ${row.source}`,
            row.counts.dispatches,
            fixed(row.counts.deviceFlops / 1e9, 1),
            fixed(row.counts.bytesCopied / 1e6, 1),
            fixed(row.counts.bytesConverted / 1e6, 1),
            fixed(row.compileMs, 0),
            fixed(row.ms.median, 0),
            fixed(row.workMs.median, 0),
            ...ratioOf(stepRatio, row),
          ]),
        ),
      );
    },
  },
);
