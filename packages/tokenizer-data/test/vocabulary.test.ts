import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { FormatError, loadTokenizer } from "../src/index.js";
import { testData } from "./test-data.js";

const folder = mkdtempSync(join(tmpdir(), "vocabulary-"));
afterAll(() => rmSync(folder, { recursive: true }));

const bundled = readFileSync(new URL("../generated/tokenizer.bin", import.meta.url));

/** Offset of the record of token `id` in the bundled file: 4 bytes, then 8 + length per piece. */
function recordOffset(id: number): number {
  let offset = 4;
  for (let i = 0; i < id; i++) offset += 8 + bundled.readInt32LE(offset + 4);
  return offset;
}

/** The FormatError of loading the bundled file after `change`. */
function failureOf(change: (bytes: Buffer) => Buffer): FormatError {
  const path = join(folder, "tokenizer.bin");
  writeFileSync(path, change(Buffer.from(bundled)));
  try {
    loadTokenizer(path);
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    const failure = error as FormatError;
    expect(failure).toMatchObject({ code: "ERR_FORMAT", path, name: "FormatError" });
    expect(failure.message.startsWith(`${path}: byte ${failure.offset}: `)).toBe(true);
    return failure;
  }
  throw new Error("the file was accepted");
}

test("the bundled vocabulary is the tokenizer.bin of llama2.c", () => {
  expect(createHash("sha256").update(bundled).digest("hex")).toBe(
    "50a52ef822ee9e83de5ce9d0be0a025a773d019437f58b5ff9dcafb063ece361",
  );
});

const original = testData("llama/tokenizer.bin");
test.skipIf(original === undefined)("and equals it byte for byte", () => {
  expect(bundled.equals(readFileSync(original!))).toBe(true);
});

const tok512 = testData("llama/tok512.bin");
test.skipIf(tok512 === undefined)("reads a vocabulary of another size", () => {
  const tokenizer = loadTokenizer(tok512);
  expect(tokenizer).toMatchObject({ vocabSize: 512, maxTokenLength: 7 });
  const text = "Once upon a time, there was a little girl named Lily. 漢";
  expect([...tokenizer.encode(text)].slice(0, 10)).toEqual([
    1, 403, 407, 261, 378, 432, 383, 286, 261, 376,
  ]); // the ids stories260K was trained with
  expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
});

describe("malformed files", () => {
  const at = recordOffset(300);

  test.each([
    ["empty", 0, /an int32 token length, got 0 bytes/, () => Buffer.alloc(0)],
    ["shorter than its header", 0, /got 3 bytes/, (b: Buffer) => b.subarray(0, 3)],
    ["of no tokens", 4, /3 control and 256 byte pieces at least, got 0/, lengthOnly],
    [
      "of a few tokens",
      recordOffset(200),
      /256 byte pieces at least/,
      (b: Buffer) => b.subarray(0, recordOffset(200)),
    ],
    ["cut inside a record header", at, /need 8 bytes, got 5/, (b: Buffer) => b.subarray(0, at + 5)],
    [
      "cut inside a piece",
      at + 8,
      /token 300: needs \d bytes, got 1/,
      (b: Buffer) => b.subarray(0, at + 9),
    ],
    ["with a longest token of 0", 0, /1\.\.\d+ bytes, got 0/, withInt(0, 0)],
    ["with a huge longest token", 0, /got 2000000000/, withInt(0, 2_000_000_000)],
    ["with a token longer than the longest", at + 4, /1\.\.27, got 28/, withInt(at + 4, 28)],
    ["with an empty token", at + 4, /1\.\.27, got 0/, withInt(at + 4, 0)],
    ["with a negative length", at + 4, /1\.\.27, got -1/, withInt(at + 4, -1)],
    ["with a score that is not a number", at, /finite, got NaN/, withInt(at, 0x7fc00000)],
    ["with an infinite score", at, /finite, got Infinity/, withInt(at, 0x7f800000)],
    ["with text that is not UTF-8", at + 8, /must be UTF-8, got ff/, withByte(at + 8, 0xff)],
    [
      "with a wrong byte piece",
      recordOffset(13) + 8,
      /must be the byte piece <0x0A>, got "<0x0B>"/,
      withByte(recordOffset(13) + 12, 0x42),
    ],
    [
      "with a piece twice",
      recordOffset(301) + 8,
      /token 301: every piece occurs once.*token 300/,
      repeated,
    ],
    [
      "that is a Git LFS pointer",
      0,
      /git lfs pull/,
      () =>
        Buffer.from(
          "version https://git-lfs.github.com/spec/v1\noid sha256:50a52ef8\nsize 433869\n",
        ),
    ],
  ] as const)("a file %s", (_name, offset, message, change) => {
    const failure = failureOf(change);
    expect(failure.message).toMatch(message);
    expect(failure.offset).toBe(offset);
  });

  function lengthOnly(): Buffer {
    return Buffer.of(1, 0, 0, 0);
  }

  function withInt(offset: number, value: number): (bytes: Buffer) => Buffer {
    return (bytes) => {
      bytes.writeInt32LE(value, offset);
      return bytes;
    };
  }

  function withByte(offset: number, value: number): (bytes: Buffer) => Buffer {
    return (bytes) => {
      bytes.writeUInt8(value, offset);
      return bytes;
    };
  }

  function repeated(bytes: Buffer): Buffer {
    const record = bytes.subarray(recordOffset(300), recordOffset(301));
    return Buffer.concat([bytes.subarray(0, recordOffset(301)), record]);
  }
});
