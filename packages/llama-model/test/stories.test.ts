/** The published models against what llama2.c's run.c gives for them, and against losses computed elsewhere. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Decoder, evaluateLoss, generate, readLlamaBin } from "../src/index.js";
import { need, stories15M, testData } from "./support/models.js";

interface Oracle {
  /** Greedy ids, BOS first; the second BOS, if the story ends, is included. */
  tokens: number[];
  /** For the first positions the five largest logits as [id, value]. */
  top5: [id: number, logit: number][][];
}

const BOS = 1;

const models = [
  {
    name: "stories260K",
    model: testData("llama", "stories260K.bin"),
    oracle: testData("llama", "stories260K.greedy.json"),
    text: testData("text", "tinystories_train_cased.tok512.bin"),
    windows: 20,
    meanNll: 1.275128,
  },
  {
    name: "stories15M",
    model: stories15M(),
    oracle: testData("llama", "stories15M.greedy.json"),
    text: testData("text", "tinystories_train_cased.llama32k.bin"),
    windows: 8,
    meanNll: 1.094151,
  },
];

describe.each(models)("$name", ({ model, oracle, text, windows, meanNll }) => {
  it("generates run.c's greedy story", (context) => {
    need(context, model, oracle);
    const { parameters } = readLlamaBin(model.path);
    const { tokens } = JSON.parse(readFileSync(oracle.path, "utf8")) as Oracle;
    const expected = tokens.slice(1).filter((token) => token !== BOS);
    const decoder = new Decoder(parameters, { maxSeqLen: 256 });
    const options = { promptTokens: [BOS], steps: 256, temperature: 0, seed: 1 };
    expect([...generate({ decoder, ...options })]).toEqual(expected);
  });

  it("has run.c's logits", (context) => {
    need(context, model, oracle);
    const { parameters } = readLlamaBin(model.path);
    const { tokens, top5 } = JSON.parse(readFileSync(oracle.path, "utf8")) as Oracle;
    const decoder = new Decoder(parameters, { maxSeqLen: top5.length });
    expect(top5.length).toBe(32);
    top5.forEach((expected, position) => {
      const logits = decoder.forward([tokens[position]!], position);
      const ranked = Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]!);
      expect(ranked.slice(0, 5)).toEqual(expected.map(([id]) => id));
      for (const [id, logit] of expected) expect(Math.abs(logits[id]! - logit)).toBeLessThan(1e-3);
    });
  });

  it("has the known loss on real stories", (context) => {
    need(context, model, text);
    const { parameters } = readLlamaBin(model.path);
    const bytes = readFileSync(text.path);
    const tokens = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
    const summary = evaluateLoss(parameters, tokens, { windows });
    expect(Math.abs(summary.meanNll - meanNll)).toBeLessThan(1e-4);
  });
});

/** Pieces of a tokenizer.bin: int32 longest piece, then for each fp32 score, int32 length, bytes. */
function readPieces(path: string): string[] {
  const bytes = readFileSync(path);
  const pieces: string[] = [];
  for (let at = 4; at < bytes.length; ) {
    const length = bytes.readInt32LE(at + 4);
    pieces.push(bytes.toString("utf8", at + 8, at + 8 + length));
    at += 8 + length;
  }
  return pieces;
}

it("samples the story documented in llama2.c's doc/stories260K.md for seed 133742", (context) => {
  const model = testData("llama", "stories260K.bin");
  const vocabulary = testData("llama", "tok512.bin");
  need(context, model, vocabulary);
  const decoder = new Decoder(readLlamaBin(model.path).parameters);
  const options = { promptTokens: [BOS], steps: 256, temperature: 1, topP: 0.9, seed: 133742 };
  const pieces = readPieces(vocabulary.path);
  const story = [...generate({ decoder, ...options })]
    .map((token) => pieces[token]!.replace("<0x0A>", "\n"))
    .join("")
    .trimStart();
  expect(story).toMatch(
    /^Once upon a time, there was a little boy named Timmy\. Timmy loved to play with his toys and eat sandwiches\./,
  );
  expect(story).toContain("Timmy's friend Billy came over and took him a down.\nTimmy's mom saw");
  expect(story).toMatch(/Timmy's dad came up to his house and promised to help Timmy\.$/);
});
