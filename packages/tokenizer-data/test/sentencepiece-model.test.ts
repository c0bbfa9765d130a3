// SentencePiece .model files: the same vocabulary as tokenizer.bin, the same ids as SentencePiece itself, and what is refused.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { SentencePieceProcessor } from "sentencepiece-js";
import { afterAll, describe, expect, test } from "vitest";
import { FormatError, loadTokenizer, parseSentencePieceModel } from "../src/index.js";
import { sentencePieceVocabulary } from "../src/sentencepiece-vocabulary.js";
import { FIRST_BYTE_ID, parseVocabulary, type Vocabulary } from "../src/vocabulary.js";
import { testData } from "./test-data.js";
import { anyText, examples } from "./texts.js";
import { type ModelSettings, sentencePieceFile } from "./write-sentencepiece.js";

const folder = mkdtempSync(join(tmpdir(), "sentencepiece-"));
afterAll(() => rmSync(folder, { recursive: true }));

const bundled = fileVocabulary(new URL("../generated/tokenizer.bin", import.meta.url));

function fileVocabulary(path: string | URL): Vocabulary {
  return parseVocabulary(readFileSync(path), String(path));
}

function modelVocabulary(bytes: Uint8Array): Vocabulary {
  return sentencePieceVocabulary(parseSentencePieceModel(bytes, "a.model"), "a.model");
}

function written(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** The texts of the control pieces differ by custom, and nothing reads them. */
function expectSame(ours: Vocabulary, theirs: Vocabulary): void {
  expect(ours.pieces.length).toBe(theirs.pieces.length);
  expect(ours.pieces.slice(FIRST_BYTE_ID)).toEqual(theirs.pieces.slice(FIRST_BYTE_ID));
  expect(ours.scores).toEqual(theirs.scores);
  expect(ours.maxTokenLength).toBe(theirs.maxTokenLength);
}

const original = testData("llama/tokenizer.model");
test.skipIf(original === undefined)("Llama 2's tokenizer.model is its tokenizer.bin", () => {
  const vocabulary = modelVocabulary(readFileSync(original!));
  expectSame(vocabulary, bundled);
  expect(vocabulary.removesExtraSpaces).toBe(false);
  const [tokenizer, llama] = [loadTokenizer(original), loadTokenizer()];
  for (const text of examples) expect(tokenizer.encode(text), text).toEqual(llama.encode(text));
});

const tok512 = testData("llama/tok512.bin");
test.skipIf(tok512 === undefined)("so it is with another vocabulary", () => {
  const vocabulary = fileVocabulary(tok512!);
  expectSame(modelVocabulary(sentencePieceFile(vocabulary)), vocabulary);
});

test("a model says what it is", () => {
  const model = parseSentencePieceModel(sentencePieceFile(bundled), "a.model");
  const { pieces, ...facts } = model;
  expect(facts).toEqual({
    type: "bpe",
    unknownId: 0,
    bosId: 1,
    eosId: 2,
    padId: -1,
    byteFallback: true,
    normalizer: "identity",
    replacesCharacters: false,
    addsDummyPrefix: true,
    removesExtraSpaces: false,
    hasLeadingSpaces: true,
  });
  expect(pieces[13]).toMatchObject({ text: "<0x0A>", type: "byte", score: 0 });
});

describe.each([false, true])("removal of extra spaces: %s", (removesExtraSpaces) => {
  const path = written(
    `spaces-${removesExtraSpaces}.model`,
    sentencePieceFile(bundled, { removesExtraSpaces }),
  );
  const tokenizer = loadTokenizer(path);

  test("gives the ids of SentencePiece", async () => {
    const processor = new SentencePieceProcessor();
    await processor.load(path);
    const expectEqual = (text: string) => {
      const ours = [...tokenizer.encode(text, { bos: false })];
      expect(ours, JSON.stringify(text)).toEqual([...processor.encodeIds(text)]);
    };
    for (const text of [...examples, "", " ", "   ", "  a   b  ", "a \u2581", "\u2581 a\n \n b"]) {
      expectEqual(text);
    }
    const spaced = fc
      .array(fc.constantFrom(" ", "  ", "a", "the", "\n", "\t", "\u2581", "漢", "é"), {
        maxLength: 12,
      })
      .map((parts) => parts.join(""));
    fc.assert(fc.property(fc.oneof(spaced, anyText), expectEqual), { seed: 6, numRuns: 1000 });
  });
});

describe("refused, with what to do", () => {
  const word = bundled.pieces.indexOf(" the");
  test.each<[string, ModelSettings, RegExp]>([
    ["unigram", { modelType: 1 }, /byte 0: the model must be BPE, got unigram\. Encode the text/],
    ["no byte fallback", { byteFallback: false }, /must have byte fallback, got none/],
    ["other ids", { bosId: 5 }, /unknown, BOS and EOS must be 0, 1, 2, got 0, 5, 2/],
    ["NFKC", { charsMap: "abc" }, /must leave characters alone, got nmt_nfkc/],
    ["no dummy prefix", { addsDummyPrefix: false }, /a space in front/],
    ["spaces as suffix", { suffixSpaces: true }, /U\+2581 and begin pieces/],
    [
      "user-defined pieces",
      { typeOf: (id) => (id === word ? "user-defined" : undefined) },
      new RegExp(`piece ${word} must be normal, got user-defined "▁the"`),
    ],
    [
      "bytes elsewhere",
      { typeOf: (id) => (id === FIRST_BYTE_ID ? "control" : undefined) },
      /piece 3 must be byte <0x00>, got control "<0x00>"/,
    ],
  ])("%s", (name, settings, message) => {
    const path = written(`${name}.model`, sentencePieceFile(bundled, settings));
    expect(() => loadTokenizer(path)).toThrow(FormatError);
    expect(() => loadTokenizer(path)).toThrow(message);
  });

  test("a score that is no number, a piece twice, too few", () => {
    const scores = bundled.scores.slice();
    scores[300] = Number.NaN;
    const nan = sentencePieceFile({ ...bundled, scores });
    expect(() => modelVocabulary(nan)).toThrow(/piece 300: the score must be finite, got NaN/);
    const pieces = bundled.pieces.with(301, bundled.pieces[300]!);
    const twice = sentencePieceFile({ ...bundled, pieces });
    expect(() => modelVocabulary(twice)).toThrow(/every piece occurs once, got .* as 300 and 301/);
    const few = sentencePieceFile({ ...bundled, pieces: bundled.pieces.slice(0, 200) });
    expect(() => modelVocabulary(few)).toThrow(/at least 259 pieces are needed, got 200/);
  });

  test("a file that is cut short, anywhere", () => {
    const small = { ...bundled, pieces: bundled.pieces.slice(0, 300) };
    const whole = sentencePieceFile(small);
    expect(modelVocabulary(whole).pieces.length).toBe(300);
    for (let length = 3; length < whole.length; length += 7) {
      expect(() => modelVocabulary(whole.subarray(0, length)), String(length)).toThrow(FormatError);
    }
  });

  test.each([
    ["tokenizer.json", '{\n  "version": "1.0"}', /JSON, such as tokenizer\.json.*tokenizer\.model/],
    ["story.txt", "Once upon a time", /This is text/],
    ["llama3.model", "IQ== 0\nIg== 1\n", /tiktoken's format, as of Llama 3/],
  ])("%s", (name, content, message) => {
    const path = written(name, Buffer.from(content));
    expect(() => loadTokenizer(path)).toThrow(message);
  });
});
