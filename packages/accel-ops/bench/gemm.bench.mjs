/**
 * Matrix products of a training step of Stories110M (sequence 256) and of inference, each beside the processor's
 * fp32 multiply-add limit measured in the same round: `node bench/gemm.bench.mjs [rounds] [name filter]`. Use an idle
 * machine.
 */
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const native = require("node-gyp-build")(fileURLToPath(new URL("..", import.meta.url)));
const rounds = Number(process.argv[2] ?? 15);
const filter = process.argv[3] ?? "";

const D = 768;
const F = 2048;
const S = 256;
const V = 32000;
const heads = 12;

/** [name, type of A and B, type of C, m, n, k, A transposed, B transposed, beta, batch, factors rounded to bf16] */
const cases = [
  ["forward wq", "fp16", "fp16", D, S, D],
  ["forward w1", "fp16", "fp16", F, S, D],
  ["forward w2", "fp16", "fp16", D, S, F],
  ["dW wq", "fp16", "fp32", D, D, S, false, true, 1],
  ["dW w1", "fp16", "fp32", F, D, S, false, true, 1],
  ["dW w2", "fp16", "fp32", D, F, S, false, true, 1],
  ["forward w1, fp32", "fp32", "fp32", F, S, D],
  ["logits", "fp32", "fp32", S, V, D, false, true],
  ["d(final norm)", "fp32", "fp32", D, S, V, true, true],
  ["dW classifier", "fp32", "fp32", V, D, S, true, false, 1],
  ["attention scores", "fp16", "fp16", S, S, 64, true, false, 0, heads],
  ["attention values", "fp16", "fp16", 64, S, S, false, true, 0, heads],
  ...[1, 2, 4, 8, 16, 32, 64].map((n) => [
    `decode w1, batch ${n}`,
    "fp32",
    "fp32",
    n,
    F,
    D,
    false,
    true,
  ]),
  ...[1, 8, 64].map((n) => [`decode logits, batch ${n}`, "fp32", "fp32", n, V, D, false, true]),
  ["decode logits fp16, batch 1", "fp16", "fp32", 1, V, D, false, true],
];
if (native.cpuInfo().features.includes("bf16")) {
  for (const name of ["dW wq", "dW w1", "dW w2", "logits", "d(final norm)", "dW classifier"]) {
    const spec = cases.find((one) => one[0] === name).slice();
    while (spec.length < 10) spec.push([false, false, 0, 1][spec.length - 6]);
    cases.push([`${name}, bf16`, ...spec.slice(1), true]);
  }
}
const chosen = cases.filter(([name]) => name.includes(filter));

const half = (value) => (value < 0 ? 0x8000 : 0) | (0x3000 + Math.floor(Math.abs(value) * 1023));

function randomReal(type, length) {
  const make = (_, i) => ((i * 2654435761) % 1024) / 512 - 1;
  return type === "fp32"
    ? Float32Array.from({ length }, make)
    : Uint16Array.from({ length }, (_, i) => half(make(_, i)));
}

function prepare(spec) {
  const [, type, typeC, m, n, k, transA = false, transB = false, beta = 0, count = 1, bf16] = spec;
  const [a, b] = [randomReal(type, m * k * count), randomReal(type, n * k * count)];
  const c = randomReal(typeC, m * n * count);
  const strides = (rows, columns, transposed) => (transposed ? [1, rows] : [columns, 1]);
  const sizes = Float64Array.of(
    ...[m, n, k, count],
    ...[0, ...strides(m, k, transA), m * k],
    ...[0, ...strides(k, n, transB), k * n],
    ...[0, n, 1, m * n],
    ...[1, beta, bf16 ? 1 : 0],
  );
  const bytes = count * k * (m + n) * a.BYTES_PER_ELEMENT + count * m * n * c.BYTES_PER_ELEMENT;
  return { run: () => native.gemm(a, b, c, sizes), flops: 2 * m * n * k * count, bytes };
}

const { isa, threads, gemm } = native.cpuInfo();
console.log(
  `${gemm}, ${isa}, ${threads} threads of ${availableParallelism()}, best call of ${rounds} rounds`,
);
const prepared = chosen.map((spec) => ({ spec, ...prepare(spec), best: Infinity }));
let peak = 0;
for (let round = 0; round < rounds; round++) {
  peak = Math.max(peak, native.measurePeak(0.01));
  for (const one of prepared) {
    const calls = Math.max(1, Math.round(3e8 / one.flops));
    for (let i = 0; i < calls; i++) {
      const start = process.hrtime.bigint();
      one.run();
      one.best = Math.min(one.best, Number(process.hrtime.bigint() - start) / 1e9);
    }
  }
}
console.log(`multiply-add limit ${(peak / 1e9).toFixed(0)} GFLOP/s\n`);
console.log("product                         M      N      K       ms  GFLOP/s  of limit   GB/s");
for (const { spec, best, flops, bytes } of prepared) {
  const [name, , , m, n, k] = spec;
  const columns = [
    name.padEnd(27),
    ...[m, n, k].map((size) => String(size).padStart(6)),
    (best * 1e3).toFixed(3).padStart(8),
    (flops / best / 1e9).toFixed(1).padStart(8),
    `${((100 * flops) / best / peak).toFixed(1)} %`.padStart(9),
    (bytes / best / 1e9).toFixed(1).padStart(6),
  ];
  console.log(columns.join(" "));
}
