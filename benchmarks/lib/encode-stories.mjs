/**
 * MB of UTF-8 per second that the tokenizer encodes of the embedded stories, one after the other, every word first seen in this
 * pass. As a program it does so once and prints one line of JSON: what a fresh process reaches.
 */
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { embeddedDataset, loadTokenizer, openTokenFile } from "@ane/tokenizer-data";

const BOS = 1;

export function storyTexts() {
  const { tokens } = openTokenFile(embeddedDataset().train);
  const tokenizer = loadTokenizer();
  const starts = [...tokens.keys()].filter((i) => tokens[i] === BOS);
  return starts.map((start, i) => tokenizer.decode(tokens.subarray(start, starts[i + 1])));
}

export function encodingRate(texts) {
  const tokenizer = loadTokenizer();
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const start = performance.now();
  let tokens = 0;
  for (const text of texts) tokens += tokenizer.encode(text).length;
  const ms = performance.now() - start;
  if (tokens < texts.length) throw new Error(`${texts.length} stories gave ${tokens} tokens`);
  return bytes / 1000 / ms;
}

if (argv[1] === fileURLToPath(import.meta.url))
  console.log(JSON.stringify(encodingRate(storyTexts())));
