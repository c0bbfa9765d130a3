import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  ArgumentError,
  FormatError,
  MissingFileError,
  openTokenFile,
  type TokenFileOptions,
  writeTokenFile,
} from "../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "token-file-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "tokens.bin");

function failureOf(content: Uint8Array, options: TokenFileOptions): FormatError {
  writeFileSync(path, content);
  try {
    openTokenFile(path, options);
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).path).toBe(path);
    return error as FormatError;
  }
  throw new Error("the file was accepted");
}

test("ids are little-endian, 16 bits unless the vocabulary needs 32", () => {
  writeFileSync(path, Uint8Array.of(1, 0, 0xff, 0x7c, 2, 0, 0, 0));
  using small = openTokenFile(path, { vocabSize: 32000 });
  expect(small).toMatchObject({ path, dtype: "uint16", length: 4 });
  expect(small.tokens).toEqual(Uint16Array.of(1, 31999, 2, 0));
  using largest16 = openTokenFile(path, { vocabSize: 65536 });
  expect(largest16.dtype).toBe("uint16");
  using large = openTokenFile(path, { vocabSize: 3e9 });
  expect(large).toMatchObject({ dtype: "uint32", length: 2 });
  expect(large.tokens).toEqual(Uint32Array.of(0x7cff0001, 2));
  using forced = openTokenFile(path, { dtype: "uint32" });
  expect(forced.tokens).toEqual(large.tokens);
});

test("what is written is read back", () => {
  const ids = Array.from({ length: 10_000 }, (_, i) => (i * 7919) % 65536);
  writeTokenFile(path, ids);
  expect(readFileSync(path).length).toBe(20_000);
  expect([...openTokenFile(path).tokens]).toEqual(ids);
  writeTokenFile(path, [0, 0xffffffff], "uint32");
  expect([...openTokenFile(path, { dtype: "uint32" }).tokens]).toEqual([0, 0xffffffff]);
});

test("a failed write leaves the old file and nothing else", () => {
  writeTokenFile(path, [1, 2, 3]);
  for (const bad of [[65536], [-1], [1.5], [Number.NaN]]) {
    expect(() => writeTokenFile(path, bad)).toThrow(ArgumentError);
  }
  expect(() => writeTokenFile(path, [7, 65536])).toThrow("fit uint16, got 65536 at index 1");
  expect([...openTokenFile(path).tokens]).toEqual([1, 2, 3]);
  expect(() => writeTokenFile(join(folder, "none", "x.bin"), [1])).toThrow("ENOENT");
  expect(readdirSync(folder)).toEqual(["tokens.bin"]);
});

describe("a file is refused", () => {
  test("when it does not exist", () => {
    expect(() => openTokenFile(join(folder, "no.bin"))).toThrow(MissingFileError);
    expect(() => openTokenFile(join(folder, "no.bin"))).toThrow("Tokenize a text first");
  });

  test("when it is empty", () => {
    expect(failureOf(new Uint8Array(0), {}).message).toContain("got an empty file");
  });

  test("when it ends inside a token", () => {
    const odd = failureOf(new Uint8Array(7), {});
    expect(odd.message).toContain("a multiple of 2 bytes (uint16), got 7");
    expect(odd.offset).toBe(6);
    expect(failureOf(new Uint8Array(6), { dtype: "uint32" }).offset).toBe(4);
  });

  test("when it is shorter than needed", () => {
    const failure = failureOf(new Uint8Array(20), { minLength: 11 });
    expect(failure.message).toContain("at least 11 tokens are needed, got 10");
    expect(failure.offset).toBe(20);
  });

  test("when an id is outside the vocabulary", () => {
    const failure = failureOf(Uint8Array.of(1, 0, 0, 2, 0, 0), { vocabSize: 512 });
    expect(failure.offset).toBe(2);
    expect(failure.message).toContain(
      `${path}: byte 2: ids must be below the vocabulary size 512, got 512.`,
    );
    const wide = Uint8Array.of(1, 0, 0, 0, 0, 0, 2, 0);
    expect(failureOf(wide, { vocabSize: 100_000 }).offset).toBe(4);
  });
});

test("ids of 32 bits are not taken for ids of 16 bits", () => {
  const ids = Uint32Array.from({ length: 16 }, (_, i) => i + 1);
  const wide = new Uint8Array(ids.buffer);
  expect(failureOf(wide, { vocabSize: 32000 }).message).toContain("every second one is 0");
  expect(openTokenFile(path, { dtype: "uint16" }).length).toBe(32);
  for (const content of [wide.subarray(0, 60), wide.with(62, 1), new Uint8Array(64)]) {
    writeFileSync(path, content);
    expect(openTokenFile(path, { vocabSize: 32000 }).length).toBe(content.length / 2);
  }
});

test("a text is not taken for its tokens", () => {
  const texts = ["Once upon a time, there was a little girl.\n", "\t漢字 “ä”, 🙂\r\n".repeat(3000)];
  for (const text of [...texts, ...texts.map((even) => `${even} `)]) {
    const { message, offset } = failureOf(Buffer.from(text), { vocabSize: 32000 });
    expect(offset).toBe(0);
    expect(message).toContain("got text. Encode it first: `ane data tokenize`");
  }
  // As the tokens of any text, and as two letters by chance.
  for (const bytes of [Buffer.from(`\x01\0${"ab".repeat(40)}`), Buffer.from("abcd")]) {
    writeFileSync(path, bytes);
    expect(openTokenFile(path, { vocabSize: 32000 }).length).toBe(bytes.length / 2);
  }
});

describe("map", () => {
  test("provides the bytes and is disposed with the file", () => {
    writeTokenFile(path, [5, 6, 7]);
    const log: string[] = [];
    const map = (name: string) => {
      log.push(`map ${name}`);
      const { buffer } = Uint16Array.of(8, 9);
      return { buffer, dispose: () => void log.push("dispose") };
    };
    {
      using file = openTokenFile(path, { vocabSize: 10, map });
      expect([...file.tokens]).toEqual([8, 9]);
      expect(log).toEqual([`map ${path}`]);
    }
    expect(log).toEqual([`map ${path}`, "dispose"]);
    log.length = 0;
    expect(() => openTokenFile(path, { vocabSize: 9, map })).toThrow(FormatError);
    expect(log).toEqual([`map ${path}`, "dispose"]);
  });

  test("is not asked for a file that is empty, which no system can map", () => {
    const map = (): never => {
      throw new Error("mapped");
    };
    writeFileSync(path, "");
    expect(() => openTokenFile(path, { map })).toThrow("got an empty file");
  });
});
