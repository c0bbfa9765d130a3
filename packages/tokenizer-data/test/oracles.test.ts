// Our encoder against two independent ones: the SentencePiece library itself (compiled to wasm, with Llama's
// tokenizer.model) and llama-tokenizer-js.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import llamaTokenizer from "llama-tokenizer-js";
import { SentencePieceProcessor } from "sentencepiece-js";
import { beforeAll, describe, expect, test } from "vitest";
import { loadTokenizer } from "../src/index.js";
import { testData } from "./test-data.js";
import { anyText, examples } from "./texts.js";

const tokenizer = loadTokenizer();
const ours = (text: string): number[] => [...tokenizer.encode(text, { bos: false })];

const withUnderlines = fc
  .tuple(anyText, anyText)
  .map(([before, after]) => `${before}\u2581${after}`);

describe("llama-tokenizer-js", () => {
  const theirs = (text: string): number[] => llamaTokenizer.encode(text, false);

  test("agrees on the examples", () => {
    for (const text of examples) expect(ours(text), JSON.stringify(text)).toEqual(theirs(text));
  });

  test("agrees on random text", () => {
    const property = fc.property(anyText, (text) => {
      expect(ours(text)).toEqual(theirs(text));
    });
    fc.assert(property, { seed: 3, numRuns: 1000 });
  });

  test("agrees on long text without spaces", () => {
    const text = examples.join("").repeat(5).replaceAll(/\s/g, "");
    expect(text.length).toBeGreaterThan(2000);
    expect(ours(text)).toEqual(theirs(text));
  });
});

const model = testData("llama/tokenizer.model");

describe.skipIf(model === undefined)("SentencePiece", () => {
  const processor = new SentencePieceProcessor();
  const theirs = (text: string): number[] => [...processor.encodeIds(text)];
  beforeAll(() => processor.load(model!));

  test("agrees on the examples", () => {
    for (const text of [...examples, "\u2581", "a\u2581b", "\u2581\u2581 x", ""]) {
      expect(ours(text), JSON.stringify(text)).toEqual(theirs(text));
    }
  });

  test("agrees on random text, with and without U+2581", () => {
    const property = fc.property(fc.oneof(anyText, withUnderlines), (text) => {
      expect(ours(text)).toEqual(theirs(text));
    });
    fc.assert(property, { seed: 4, numRuns: 3000 });
  });

  test("agrees on a document of stories as a whole, and on a long run without spaces", () => {
    const path = testData("text/tinystories_train_truecased_rest.txt")!;
    const stories = readFileSync(path, "utf8").slice(0, 300_000);
    expect(ours(stories)).toEqual(theirs(stories));
    const unbroken = stories.slice(0, 20_000).replaceAll(/\s/g, "");
    expect(ours(unbroken)).toEqual(theirs(unbroken));
  });

  test("decodes as we do", () => {
    const property = fc.property(anyText, (text) => {
      const ids = tokenizer.encode(text);
      // The wasm wrapper's TextDecoder swallows a leading byte order mark.
      const decoded = tokenizer.decode(ids).replace(/^\ufeff/, "");
      expect(decoded).toBe(processor.decodeIds([...ids.subarray(1)]));
    });
    fc.assert(property, { seed: 5, numRuns: 500 });
    expect(tokenizer.decode([450, 0, 450])).toBe(` ${processor.decodeIds([450, 0, 450])}`);
  });
});
