/**
 * Time and throughput of each of the six kernels at the size of Stories110M on the cpu device, compiled as a training step
 * does. Best of several interleaved rounds; needs an idle machine.
 *
 *   pnpm run build (here, in accel-ops and in mil-builder) && node bench/kernels.bench.mjs [rounds] [--plans]
 */
import { fillNormal, setThreads, toHalf } from "@ane/accel-ops";
import { kernelFlops, llamaKernels, writeBlobFile } from "@ane/mil-builder";
import { openDevice, profilePlan } from "../dist/index.js";

const rounds = Number(process.argv[2] ?? 15) || 15;
const showPlans = process.argv.includes("--plans");
const config = {
  dim: 768,
  hiddenDim: 2048,
  heads: 12,
  kvHeads: 12,
  headDim: 64,
  seqLen: 256,
  normEps: 1e-5,
  ropeTheta: 10000,
};
const layers = 12;

const halves = (count, seed, std) => {
  const values = new Float32Array(count);
  fillNormal(values, { seed, stream: 0, std });
  const result = new Uint16Array(count);
  toHalf(values, result);
  return result;
};

if (process.env.THREADS) setThreads(Number(process.env.THREADS));
const device = openDevice("cpu", { compileBudget: 0 });
const prepared = Object.entries(llamaKernels(config)).map(([name, kernel]) => {
  const files = Object.values(kernel.weights).map(({ path, shape }, index) => {
    const data = halves(
      shape.reduce((all, size) => all * size, 1),
      index,
      shape[0] === 1 ? 1 : 0.02,
    );
    return [path, writeBlobFile([{ dtype: "fp16", data }])];
  });
  return { name, kernel, weights: new Map([...files, ...kernel.constants]) };
});

const compileStart = performance.now();
const runs = prepared.map(({ name, kernel, weights }) => {
  const compiled = Array.from({ length: layers }, () =>
    device.compile(kernel.program, weights, { name }),
  )[0];
  const ports = [...compiled.inputs, ...compiled.outputs];
  const surfaces = Object.fromEntries(ports.map((port) => [port.name, device.createSurface(port)]));
  surfaces.x.write((elements) => elements.set(halves(elements.length, 7, 0.5)));
  return { name, compiled, surfaces, flops: kernelFlops(kernel), best: Number.POSITIVE_INFINITY };
});
const compileMs = performance.now() - compileStart;

for (let round = 0; round < rounds; round++) {
  for (const run of runs) {
    const start = performance.now();
    run.compiled.evaluate(run.surfaces);
    run.best = Math.min(run.best, performance.now() - start);
  }
}

console.log(device.description);
console.log(`compile ${runs.length * layers} kernels: ${compileMs.toFixed(1)} ms`);
console.log("kernel      ms      GFLOP   GFLOP/s");
const total = { best: 0, flops: 0 };
for (const { name, best, flops, compiled, surfaces } of runs) {
  print(name, best, flops);
  total.best += best;
  total.flops += flops;
  if (showPlans) console.log(profilePlan(compiled, surfaces, rounds));
}
print("layer", total.best, total.flops);

function print(name, ms, flops) {
  const columns = [name.padEnd(9), ms.toFixed(3).padStart(7), (flops / 1e9).toFixed(3).padStart(8)];
  console.log([...columns, (flops / ms / 1e6).toFixed(1).padStart(8)].join("  "));
}
