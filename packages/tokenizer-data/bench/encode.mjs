// Speed of encoding in MB of UTF-8 per second, beside the JavaScript tokenizer that bundles the same vocabulary.
// Usage, after `build`: node bench/encode.mjs [text file]; without a file the embedded stories are the text.

import { readFileSync } from "node:fs";
import llamaTokenizer from "llama-tokenizer-js";
import { embeddedDataset, loadTokenizer, openTokenFile } from "../dist/index.js";

const BOS = 1;
const PEER_STORIES = 200;

const [path] = process.argv.slice(2);
const stories =
  path === undefined ? embeddedStories() : readFileSync(path, "utf8").split(/<\|endoftext\|>/);
const document = stories.join("\n");

const started = performance.now();
const tokenizer = loadTokenizer();
console.log(`load                            ${(performance.now() - started).toFixed(0)} ms`);

// A new tokenizer has an empty cache; the JIT is warm after the first run.
loadTokenizer().encode(document);
const first = loadTokenizer();
const encodeAll = (encoder) => stories.reduce((sum, text) => sum + encoder.encode(text).length, 0);
const stored = measure("stories, words first seen", document, () => encodeAll(first));
measure("stories, words in the cache", document, () => encodeAll(first));
const whole = loadTokenizer();
measure("one document, first seen", document, () => whole.encode(document).length);
const unbroken = document.replaceAll(/\s/g, "").slice(0, 1_000_000);
measure("no spaces at all", unbroken, () => tokenizer.encode(unbroken).length);

const ids = first.encode(document);
measure("decode", document, () => first.decode(ids).length);

const few = stories.slice(0, PEER_STORIES);
const peer = measure("llama-tokenizer-js 1.2.2", few.join("\n"), () =>
  few.reduce((sum, text) => sum + llamaTokenizer.encode(text).length, 0),
);
console.log(`ratio to llama-tokenizer-js     ${(stored / peer).toFixed(0)}x`);

function measure(name, text, run) {
  const start = performance.now();
  const count = run();
  const seconds = (performance.now() - start) / 1000;
  const rate = Buffer.byteLength(text) / 1e6 / seconds;
  console.log(
    `${name.padEnd(31)} ${rate.toFixed(2)} MB/s  ${(count / 1e6 / seconds).toFixed(2)} M/s`,
  );
  return rate;
}

function embeddedStories() {
  const { tokens } = openTokenFile(embeddedDataset().train);
  const tokenizer = loadTokenizer();
  const starts = [...tokens.keys()].filter((i) => tokens[i] === BOS);
  return starts.map((start, i) => tokenizer.decode(tokens.subarray(start, starts[i + 1])));
}
