// Tokens per second of batched decoding with sampling at temperature 1, beside this machine's own matrix product.
// Usage, after `build` here and in accel-ops: node bench/decode.mjs [preset] [batch sizes...]

import { gemm } from "@ane/accel-ops";
import {
  Decoder,
  initializeParameters,
  Parameters,
  resolveConfig,
  sampleToken,
  XorShift64Star,
} from "../dist/index.js";

const [preset = "stories15m", ...sizes] = process.argv.slice(2);
const batches = sizes.length > 0 ? sizes.map(Number) : [1, 8, 32, 64];
const config = resolveConfig(preset);
const V = config.vocabSize;
const parameters = new Parameters(config);
initializeParameters(parameters, 1);

const limit = productSpeed(1024);
console.log(`product of 1024 x 1024 x 1024   ${limit.toFixed(0)} GFLOP/s`);
for (const batch of batches) {
  const decoder = new Decoder(parameters, { batch });
  const generator = new XorShift64Star(1);
  const sampling = { temperature: 1, topP: 1, random: () => generator.nextFloat() };
  const tokens = new Int32Array(batch).fill(1);
  decoder.forward(tokens, 0);
  let sampleMs = 0;
  const started = performance.now();
  for (let position = 0; position < config.seqLen; position++) {
    const logits = decoder.forward(tokens, position);
    const sampled = performance.now();
    for (let b = 0; b < batch; b++) {
      tokens[b] = sampleToken(logits.subarray(b * V, (b + 1) * V), sampling);
    }
    sampleMs += performance.now() - sampled;
  }
  const elapsedMs = performance.now() - started;
  const rate = (batch * config.seqLen * 1000) / elapsedMs;
  // Every parameter is one multiplication and one addition; the tied embedding is the classifier.
  const share = (2 * parameters.layout.total * rate) / 1e9 / limit;
  console.log(
    `${preset}, batch ${String(batch).padStart(3)}   ${rate.toFixed(0).padStart(6)} tokens/s   ` +
      `sampling ${((100 * sampleMs) / elapsedMs).toFixed(0)} % of the time   ${(100 * share).toFixed(0)} % of the product's speed`,
  );
}

function productSpeed(n) {
  const [a, b, c] = [1, 2, 3].map(() => ({
    data: new Float32Array(n * n).fill(0.5),
    rowStride: n,
    columnStride: 1,
  }));
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 8; round++) {
    const started = performance.now();
    gemm({ m: n, n, k: n, a, b, c });
    best = Math.min(best, performance.now() - started);
  }
  return (2 * n ** 3) / best / 1e6;
}
