/**
 * One update of a model's parameters, gradient norm included, in memory shared between processes, beside its floor: 28 bytes
 * per parameter (read parameters, gradients and moments, write parameters and moments) at the rate of the fastest of three
 * plain passes over as much memory, measured in turn with it in the same run. Medians; needs an idle machine.
 *
 *   pnpm run build && node bench/update.bench.mjs [parameters]
 */
import * as ops from "../dist/index.js";

// Stories110M by default.
const P = Number(process.argv[2] ?? 109_529_856);
const rounds = 9;

const memory = ops.createSharedMemory(16 * P);
const { buffer } = ops.mapSharedMemory(memory.descriptor);
const [parameters, gradients, firstMoment, secondMoment] = [0, 1, 2, 3].map(
  (section) => new Float32Array(buffer, 4 * P * section, P),
);
ops.fillNormal(parameters, { seed: 1, stream: 0, std: 0.02 });
ops.fillNormal(gradients, { seed: 1, stream: 1, std: 1e-3 });
const hyperparameters = {
  learningRate: 1e-4,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0.1,
};

/** Each with the bytes per parameter that it moves. */
const passes = {
  norm: [4, () => ops.sumOfSquares(gradients)],
  adamW: [
    28,
    (step) => {
      const arrays = { parameters, gradients, firstMoment, secondMoment };
      ops.adamW({ ...arrays, ...hyperparameters, step, gradientScale: 1 / 256 });
    },
  ],
  add: [12, () => ops.add(parameters, gradients, firstMoment)],
  axpy: [12, () => ops.axpy(1e-6, gradients, firstMoment)],
  scale: [8, () => ops.scale(gradients, 1.000001)],
};

const times = Object.fromEntries(Object.keys(passes).map((name) => [name, []]));
for (let round = 0; round <= rounds; round++) {
  for (const [name, [, run]] of Object.entries(passes)) {
    const start = performance.now();
    run(round + 1);
    if (round > 0) times[name].push(performance.now() - start); // the first touches fresh memory
  }
}

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
const rate = (name) => (passes[name][0] * P) / median(times[name]) / 1e6;
const { isa, threads } = ops.cpuInfo();
console.log(`${P} parameters, ${isa}, ${threads} threads, medians of ${rounds} rounds`);
for (const name of Object.keys(passes)) {
  console.log(
    `${name.padEnd(8)}${median(times[name]).toFixed(1).padStart(8)} ms ${rate(name).toFixed(1).padStart(8)} GB/s`,
  );
}
const bandwidth = Math.max(...["add", "axpy", "scale"].map(rate));
const [floor, update] = [(28 * P) / bandwidth / 1e6, median(times.norm) + median(times.adamW)];
console.log(
  `update  ${update.toFixed(1)} ms, floor ${floor.toFixed(1)} ms at ${bandwidth.toFixed(1)} GB/s: ratio ${(update / floor).toFixed(2)}`,
);
memory.dispose();
