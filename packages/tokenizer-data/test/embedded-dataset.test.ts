import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { describeTokens, embeddedDataset, loadTokenizer, openTokenFile } from "../src/index.js";

const dataset = embeddedDataset();
const manifest = JSON.parse(
  readFileSync(new URL("../data/manifest.json", import.meta.url), "utf8"),
);
const tokenizer = loadTokenizer();

/** Ids of each story, BOS included. */
function storiesOf(path: string): Uint16Array[] {
  const { tokens } = openTokenFile(path, { vocabSize: dataset.vocabSize });
  const starts: number[] = [];
  for (let i = 0; i < tokens.length; i++) if (tokens[i] === tokenizer.bosId) starts.push(i);
  expect(starts[0]).toBe(0);
  return starts.map((start, i) => Uint16Array.from(tokens.subarray(start, starts[i + 1])));
}

describe.each([
  ["train", dataset.train, 500_000],
  ["validation", dataset.validation, 50_000],
])("%s", (name, path, minTokens) => {
  const stories = storiesOf(path);
  const texts = stories.map((ids) => tokenizer.decode(ids));

  test("is the file of the manifest", () => {
    const split = manifest.splits[name];
    expect(path.endsWith(split.file)).toBe(true);
    expect(createHash("sha256").update(readFileSync(path)).digest("hex")).toBe(split.sha256);
    const { count, documents } = describeTokens(openTokenFile(path).tokens);
    expect({ tokens: count, stories: documents }).toEqual({
      tokens: split.tokens,
      stories: split.stories,
    });
    expect(count).toBeGreaterThanOrEqual(minTokens);
  });

  test("holds the tokenizer's own encoding of each story, within the model's context", () => {
    for (const [i, text] of texts.entries()) {
      expect(Uint16Array.from(tokenizer.encode(text))).toEqual(stories[i]);
      expect(stories[i]!.length).toBeLessThanOrEqual(manifest.maxTokens);
    }
  });

  test("reads like stories: English words, sentences that end", () => {
    const text = texts.join(" ");
    const words = text.toLowerCase().match(/[a-z']+/g)!;
    const common = new Set("the a and to was she he they it in her his of said with".split(" "));
    expect(words.filter((word) => common.has(word)).length / words.length).toBeGreaterThan(0.3);
    expect(texts.filter((story) => /[.!?"']$/.test(story)).length / texts.length).toBeGreaterThan(
      0.95,
    );
    expect(texts.filter((story) => /once upon a time/i.test(story)).length).toBeGreaterThan(20);
    expect(text).not.toContain("\ufffd");
  });
});

test("no story occurs twice, within a split or across", () => {
  const all = [...storiesOf(dataset.train), ...storiesOf(dataset.validation)];
  expect(new Set(all.map((ids) => ids.join())).size).toBe(all.length);
  expect(manifest.splits.train.seed).not.toBe(manifest.splits.validation.seed);
});
