/**
 * Time and memory traffic of every training op at the shapes of Stories110M, beside a memcpy that moves the same number
 * of bytes (read + written), measured in turn with it in the same run. Best of several rounds; needs an idle machine.
 *
 *   pnpm run build && node bench/ops.bench.mjs [name filter]
 */
import * as ops from "../dist/index.js";

// S positions, D channels, F hidden channels, H heads, V classes, P parameters of one AdamW call.
const [S, D, F, H, V, P] = [256, 768, 2048, 12, 32000, 1 << 24];
const [rounds, minimumMs] = [15, 200];

const floats = (n, seed = 1) => {
  const x = new Float32Array(n);
  ops.fillNormal(x, { seed, stream: 0, std: 1 });
  return x;
};

/** Each makes its data and returns [bytes read and written, function to time, function to run before it]. */
const cases = {};
for (const layout of ["channelFirst", "tokenMajor"]) {
  const norm = { rows: S, dim: D, eps: 1e-5, layout };
  cases[`rmsNormForward ${layout}`] = () => {
    const args = { ...norm, x: floats(S * D), weight: floats(D), out: floats(S * D) };
    return [8 * S * D, () => ops.rmsNormForward(args)];
  };
  cases[`rmsNormBackward ${layout}`] = () => {
    const [x, dOut, dx] = [floats(S * D), floats(S * D), floats(S * D)];
    const args = { ...norm, x, dOut, dx, weight: floats(D), dWeight: floats(D) };
    return [12 * S * D, () => ops.rmsNormBackward(args)];
  };
  cases[`ropeForward ${layout}`] = () => {
    const args = { x: floats(S * D), rows: S, heads: H, headDim: D / H, theta: 10000, layout };
    return [8 * S * D, () => ops.ropeForward(args)];
  };
  const tokens = Uint16Array.from({ length: S }, (_, i) => (i * 7919) % V);
  cases[`embeddingGather ${layout}`] = () => {
    const args = { table: floats(V * D), tokens, out: floats(S * D), dim: D, layout };
    return [8 * S * D, () => ops.embeddingGather(args)];
  };
  cases[`embeddingScatterAdd ${layout}`] = () => {
    const args = { dTable: floats(V * D), tokens, dx: floats(S * D), dim: D, layout };
    return [12 * S * D, () => ops.embeddingScatterAdd(args)];
  };
}

const targets = Uint16Array.from({ length: S }, (_, i) => (i * 7919) % V);
cases[`crossEntropy [${S}, ${V}]`] = () => {
  const [start, logits] = [floats(S * V), floats(S * V)];
  const args = { logits, targets, rows: S, classes: V, gradientScale: 1 / S };
  return [8 * S * V, () => ops.crossEntropy(args), () => logits.set(start)];
};
cases[`crossEntropyLoss [${S}, ${V}]`] = () => {
  const args = { logits: floats(S * V), targets, rows: S, classes: V };
  return [4 * S * V, () => ops.crossEntropyLoss(args)];
};

cases[`adamW, ${P} parameters`] = () => {
  const args = {
    parameters: floats(P, 1),
    gradients: floats(P, 2),
    firstMoment: floats(P, 3),
    secondMoment: floats(P, 4).map(Math.abs),
    learningRate: 1e-4,
    beta1: 0.9,
    beta2: 0.95,
    epsilon: 1e-8,
    weightDecay: 0.1,
    step: 10,
  };
  return [28 * P, () => ops.adamW(args)];
};

/** Element-wise ops over n elements that read and write `arrays` arrays of 4 bytes. */
const elementwise = (name, n, arrays, prepare) => {
  cases[`${name}, ${n} elements`] = () => {
    const run = prepare(...Array.from({ length: 5 }, (_, i) => floats(n, i)));
    return [4 * arrays * n, run];
  };
};
for (const n of [S * F, P]) {
  elementwise("add", n, 3, (a, b, out) => () => ops.add(a, b, out));
  elementwise("axpy", n, 3, (x, y) => () => ops.axpy(0.1, x, y));
  elementwise("scale", n, 2, (x) => () => ops.scale(x, 1.0001));
  elementwise("sumOfSquares", n, 1, (x) => () => ops.sumOfSquares(x));
  elementwise("allFinite", n, 1, (x) => () => ops.allFinite(x));
}
elementwise("sigmoid", S * F, 2, (x, out) => () => ops.sigmoid(x, out));
elementwise("swiGlu", S * F, 3, (h1, h3, gate) => () => ops.swiGlu({ h1, h3, gate }));
elementwise("swiGluBackward", S * F, 5, (h1, h3, dGate, dH1, dH3) => {
  return () => ops.swiGluBackward({ h1, h3, dGate, dH1, dH3 });
});
elementwise("fillNormal", P, 1, (out) => () => ops.fillNormal(out, { seed: 1, stream: 0, std: 1 }));

for (const [rows, columns] of [
  [D, F],
  [V, D],
]) {
  cases[`transpose [${rows}, ${columns}]`] = () => {
    const [src, dst] = [floats(rows * columns), floats(rows * columns)];
    return [8 * rows * columns, () => ops.transpose(src, dst, rows, columns)];
  };
  cases[`transposeToHalf [${rows}, ${columns}]`] = () => {
    const [src, dst] = [floats(rows * columns), new Uint16Array(rows * columns)];
    return [6 * rows * columns, () => ops.transposeToHalf(src, dst, rows, columns)];
  };
}

function milliseconds(run) {
  const start = performance.now();
  run();
  return performance.now() - start;
}

const { isa, threads } = ops.cpuInfo();
console.log(`${isa}, ${threads} threads, best of ${rounds} rounds or more`);
console.log(`${"op".padEnd(42)}      ms   GB/s  memcpy GB/s  time/memcpy`);
for (const [name, prepare] of Object.entries(cases)) {
  if (!name.includes(process.argv[2] ?? "")) continue;
  const [bytes, run, before] = prepare();
  const [from, to] = [new Uint8Array(bytes / 2).fill(1), new Uint8Array(bytes / 2)];
  let [best, copy] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const start = performance.now();
  for (let round = 0; round < rounds || performance.now() - start < minimumMs; round++) {
    before?.();
    best = Math.min(best, milliseconds(run));
    copy = Math.min(
      copy,
      milliseconds(() => to.set(from)),
    );
  }
  const rate = (ms) => (bytes / ms / 1e6).toFixed(1);
  const columns = [best.toFixed(3).padStart(8), rate(best).padStart(6), rate(copy).padStart(12)];
  console.log(`${name.padEnd(42)}${columns.join(" ")} ${(best / copy).toFixed(2).padStart(12)}`);
}
