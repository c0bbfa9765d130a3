import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  ArgumentError,
  describeTokens,
  FormatError,
  loadTokenizer,
  MissingFileError,
  openTokenFile,
  type TokenizeProgress,
  tokenizeFile,
} from "../src/index.js";
import { readDocuments } from "../src/read-documents.js";
import { testData } from "./test-data.js";

const folder = mkdtempSync(join(tmpdir(), "tokenize-file-"));
afterAll(() => rmSync(folder, { recursive: true }));
const input = join(folder, "input.txt");
const output = join(folder, "output.bin");
const tokenizer = loadTokenizer();

async function tokensOf(text: string | Uint8Array, options = {}): Promise<number[]> {
  writeFileSync(input, text);
  await tokenizeFile(input, output, { tokenizer, ...options });
  return [...openTokenFile(output).tokens];
}

test("each document is trimmed and starts with BOS; empty documents are left out", async () => {
  const expected = [...tokenizer.encode("One day."), ...tokenizer.encode("Two\ndays.")];
  const between = "One day.\n<|endoftext|>\nTwo\ndays.";
  expect(await tokensOf(between)).toEqual(expected);
  expect(await tokensOf(`${between}<|endoftext|>\n`)).toEqual(expected);
  expect(await tokensOf(`\ufeff<|endoftext|> ${between}\n\n <|endoftext|><|endoftext|>`)).toEqual(
    expected,
  );
});

test("bos, eos, separator and dtype are the caller's", async () => {
  const [a, b] = ["a", "b"].map((text) => [...tokenizer.encode(text, { bos: false })]);
  expect(await tokensOf("a---b", { separator: "---", bos: false })).toEqual([...a!, ...b!]);
  expect(await tokensOf("a\n\nb", { separator: "\n\n", eos: true })).toEqual([
    1,
    ...a!,
    2,
    1,
    ...b!,
    2,
  ]);
  writeFileSync(input, "a");
  await tokenizeFile(input, output, { tokenizer, dtype: "uint32" });
  expect(openTokenFile(output, { dtype: "uint32" }).tokens).toEqual(Uint32Array.of(1, ...a!));
  await expect(tokensOf("a", { separator: "" })).rejects.toThrow(ArgumentError);
});

test("documents and separators that straddle the blocks of reading stay whole", async () => {
  const mark = "<|endoftext|>";
  // Lengths around 1 MiB put the first separator at every position relative to the first block's end.
  for (let shift = -mark.length - 1; shift <= 1; shift++) {
    const first = "é".repeat((2 ** 20 + 2 * shift) / 2);
    const long = "z".repeat(3 * 2 ** 20);
    writeFileSync(input, [first, "b", long, "c"].join(mark));
    const texts: string[] = [];
    for await (const document of readDocuments(input, mark, 2 ** 30)) texts.push(document.text);
    expect(texts.map((text) => text.length)).toEqual([first.length, 1, long.length, 1]);
    expect(texts[0] === first && texts[2] === long).toBe(true);
  }
});

test("progress counts bytes, documents and tokens, and ends at the totals", async () => {
  const story = "A story about a dog. ".repeat(20);
  writeFileSync(input, Array(3000).fill(story).join("<|endoftext|>"));
  const reports: TokenizeProgress[] = [];
  const onProgress = (progress: TokenizeProgress): void => void reports.push(progress);
  const result = await tokenizeFile(input, output, { tokenizer, onProgress });
  const bytes = readFileSync(input).length;
  const tokens = openTokenFile(output).length;
  expect(result).toEqual({ bytesRead: bytes, totalBytes: bytes, documents: 3000, tokens });
  expect(reports.at(-1)).toEqual(result);
  expect(reports.length).toBeGreaterThan(1);
  for (let i = 1; i < reports.length; i++) {
    expect(reports[i]!.tokens).toBeGreaterThanOrEqual(reports[i - 1]!.tokens);
  }
});

describe("a text is refused, and the output left alone,", () => {
  test("when it does not exist", async () => {
    const missing = join(folder, "missing.txt");
    const untouched = join(folder, "untouched.bin");
    await expect(tokenizeFile(missing, untouched, { tokenizer })).rejects.toThrow(MissingFileError);
    expect(existsSync(untouched)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("when it holds no document", async () => {
    await expect(tokensOf(" \n<|endoftext|>\n")).rejects.toThrow(FormatError);
    await expect(tokensOf("")).rejects.toThrow("got nothing but white space and separators");
  });

  test.each([
    ["a stray byte", [0xff, 0x61], 0],
    ["a cut sequence", [0xf0, 0x9f, 0x98, 0x20], 0],
    ["a cut sequence at the end", [0xe6, 0xbc], 0],
    ["a true U+FFFD before the bad byte", [0xef, 0xbf, 0xbd, 0xc3], 3],
  ])("when it is not UTF-8: %s", async (_name, bytes, at) => {
    const before = Buffer.from("fine <|endoftext|> café ");
    const error = await tokensOf(Buffer.concat([before, Buffer.from(bytes)])).catch((e) => e);
    expect(error).toBeInstanceOf(FormatError);
    expect(error).toMatchObject({ path: input, offset: before.length + at });
    expect(error.message).toContain(`text must be UTF-8, got byte 0x${bytes[at]!.toString(16)}`);
  });

  test("when a document is longer than a string may be", async () => {
    writeFileSync(input, "ok|much too long|");
    const read = async (): Promise<void> => {
      for await (const _ of readDocuments(input, "|", 10));
    };
    await expect(read()).rejects.toThrow(`${input}: byte 3: a document must have 10 bytes at most`);
  });
});

test("describeTokens counts", () => {
  expect(describeTokens(Uint16Array.of(1, 5, 9, 5, 1, 7))).toEqual({
    count: 6,
    distinct: 4,
    maxId: 9,
    documents: 2,
  });
  expect(describeTokens(new Uint32Array(0))).toEqual({
    count: 0,
    distinct: 0,
    maxId: -1,
    documents: 0,
  });
});

// Ids made with llama2.c's own tools.
const stories = testData("text/tinystories_train_cased.txt");
describe.skipIf(stories === undefined)("TinyStories", () => {
  test.each([
    ["Llama 2", undefined, "text/tinystories_train_cased.llama32k.bin", 544_652],
    ["tok512", "llama/tok512.bin", "text/tinystories_train_cased.tok512.bin", 1_031_693],
  ])("gives the reference ids with the %s vocabulary", async (_name, vocabulary, ids, count) => {
    const path = vocabulary === undefined ? undefined : testData(vocabulary);
    const result = await tokenizeFile(stories!, output, { tokenizer: loadTokenizer(path) });
    expect(result).toMatchObject({ documents: 2316, tokens: count });
    expect(readFileSync(output).equals(readFileSync(testData(ids)!))).toBe(true);
  });
});
