// Samples the embedded data set of @ane/tokenizer-data from the stories15M checkpoint, with our own engine.
// Usage, after `pnpm build`: node tools/embedded-data/generate.mjs <stories15M.bin> [output folder]
// Takes minutes. The model: tools/embedded-data/fetch-stories15m.mjs.
//
// A story is sampled from BOS at temperature 1 until BOS or EOS. Stories that do not end within the model's 256 positions are
// dropped, so that every story has its ending; so are repeated ones. What is stored is the tokenizer's encoding of the text.
// The random number of a token is a function of (seed, story, position), not of what was sampled before or beside it, and a
// split ends at a story, not at a batch. The batch size matters only where the engine has another kernel, which rounds
// otherwise, for it: 64 and 128 give the same files.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { softmax } from "../../packages/accel-ops/dist/index.js";
import { Decoder, readLlamaBin } from "../../packages/llama-model/dist/index.js";
import {
  loadTokenizer,
  philox4x32,
  writeTokenFile,
} from "../../packages/tokenizer-data/dist/index.js";

const MODEL_SHA256 = "cd590644d963867a2b6e5a1107f51fad663c41d79c149fbecbbb1f95fa81f49a";
const SPLITS = [
  { name: "train", seed: 15_000_001, minTokens: 520_000 },
  { name: "validation", seed: 15_000_002, minTokens: 52_000 },
];
const BATCH = 64;
const STREAM = 0x73746f72; // "stor"
const BOS = 1;
const EOS = 2;

const [
  modelPath,
  folder = fileURLToPath(new URL("../../packages/tokenizer-data/data/", import.meta.url)),
] = process.argv.slice(2);
if (modelPath === undefined) {
  console.error("usage: node tools/embedded-data/generate.mjs <stories15M.bin> [output folder]");
  process.exit(2);
}
const modelDigest = sha256(readFileSync(modelPath));
if (modelDigest !== MODEL_SHA256) {
  throw new Error(`generate: the model must have sha256 ${MODEL_SHA256}, got ${modelDigest}.`);
}

const { config, parameters } = readLlamaBin(modelPath);
const V = config.vocabSize;
const decoder = new Decoder(parameters, { batch: BATCH });
const tokenizer = loadTokenizer();
const seen = new Set();

const splits = {};
for (const { name, seed, minTokens } of SPLITS) {
  splits[name] = { file: `stories.${name}.bin`, seed, ...collect(name, seed, minTokens) };
}
const manifest = {
  model: {
    name: "stories15M",
    source: "karpathy/tinyllamas",
    licence: "MIT",
    sha256: MODEL_SHA256,
  },
  temperature: 1,
  topP: 1,
  maxTokens: config.seqLen,
  batch: BATCH,
  tokenizer: "Llama 2",
  splits,
};
writeFileSync(join(folder, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);

// Writes one split and returns its entry in the manifest.
function collect(name, seed, minTokens) {
  const tokens = [];
  const counts = { sampled: 0, unfinished: 0, repeated: 0, stories: 0 };
  for (let first = 0; tokens.length < minTokens; first += BATCH) {
    for (const ids of sampleBatch(seed, first)) {
      if (tokens.length >= minTokens) break;
      counts.sampled++;
      const text = ids === undefined ? "" : tokenizer.decode(ids).trim();
      if (text === "") counts.unfinished++;
      else if (seen.has(text)) counts.repeated++;
      else {
        seen.add(text);
        counts.stories++;
        for (const id of tokenizer.encode(text)) tokens.push(id);
      }
    }
    console.log(`${name}: ${tokens.length} of ${minTokens} tokens, ${JSON.stringify(counts)}`);
  }
  const path = join(folder, `stories.${name}.bin`);
  writeTokenFile(path, tokens);
  return { ...counts, tokens: tokens.length, sha256: sha256(readFileSync(path)) };
}

// Ids of stories first … first + BATCH - 1, BOS included; undefined for a story that does not end.
function sampleBatch(seed, first) {
  decoder.reset();
  const stories = Array.from({ length: BATCH }, () => [BOS]);
  const ended = new Array(BATCH).fill(false);
  const last = new Int32Array(BATCH).fill(BOS);
  for (let position = 0; position < config.seqLen && ended.includes(false); position++) {
    const logits = decoder.forward(last, position);
    for (let b = 0; b < BATCH; b++) {
      if (ended[b]) continue;
      const id = sample(logits.subarray(b * V, (b + 1) * V), uniform(seed, first + b, position));
      if (id === BOS || id === EOS) ended[b] = true;
      else {
        stories[b].push(id);
        last[b] = id;
      }
    }
  }
  return stories.map((ids, b) => (ended[b] ? ids : undefined));
}

// Uniform in [0, 1) with 53 bits.
function uniform(seed, story, position) {
  const [high, low] = philox4x32([position, story, 0, STREAM], [seed, 0]);
  return ((high >>> 11) * 2 ** 32 + low) / 2 ** 53;
}

// The first id at which the cumulative probability passes the coin; turns logits [V] into probabilities in place.
function sample(logits, coin) {
  softmax({ outer: 1, axis: V, inner: 1, x: logits, out: logits });
  let total = 0;
  for (let i = 0; i < V; i++) total += logits[i];
  const threshold = coin * total;
  let cumulative = 0;
  for (let i = 0; i < V; i++) {
    cumulative += logits[i];
    if (threshold < cumulative) return i;
  }
  throw new Error(`generate: probabilities must sum to 1, got ${total}.`);
}

function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}
