import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, loadTokenizer, MissingFileError } from "../src/index.js";
import { mergeByHeap, mergeByScan } from "../src/merge-symbols.js";
import { MergeTable } from "../src/merge-table.js";
import { Tokenizer } from "../src/tokenizer.js";
import { bytePieceName, type Vocabulary } from "../src/vocabulary.js";
import { anyText, examples } from "./texts.js";

const llama = loadTokenizer();

/** A vocabulary of the 259 fixed pieces and `text`, scores falling with the id unless given. */
function vocabulary(text: readonly string[], scores?: readonly number[]): Vocabulary {
  const fixed = ["<unk>", "\n<s>\n", "\n</s>\n"];
  for (let byte = 0; byte < 256; byte++) fixed.push(bytePieceName(byte));
  return {
    pieces: [...fixed, ...text],
    scores: Float32Array.from([...fixed.map(() => 0), ...(scores ?? text.map((_, i) => -i))]),
    maxTokenLength: 16,
  };
}

describe("encode", () => {
  test("gives the ids llama2.c documents for its prompts", () => {
    // llama2.c test.c
    expect([...llama.encode("")]).toEqual([1]);
    expect([...llama.encode("I believe the meaning of life is")]).toEqual([
      1, 306, 4658, 278, 6593, 310, 2834, 338,
    ]);
    expect([...llama.encode("Simply put, the theory of relativity states that ")]).toEqual([
      1, 3439, 17632, 1925, 29892, 278, 6368, 310, 14215, 537, 5922, 393, 29871,
    ]);
    expect(
      [
        ...llama.encode(
          "Translate English to French:\n\n        sea otter => loutre de mer\n        peppermint => menthe poivrée\n        plush girafe => girafe peluche\n        cheese =>",
        ),
      ].slice(0, 20),
    ).toEqual([
      1, 4103, 9632, 4223, 304, 5176, 29901, 13, 13, 4706, 7205, 4932, 357, 1149, 301, 449, 276,
      316, 2778, 13,
    ]);
  });

  test("adds BOS and EOS as asked, also to empty text", () => {
    expect([...llama.encode("a", { bos: false })]).toEqual([263]);
    expect([...llama.encode("a", { eos: true })]).toEqual([1, 263, 2]);
    expect([...llama.encode("", { bos: false })]).toEqual([]);
    expect([...llama.encode("", { eos: true })]).toEqual([1, 2]);
  });

  test("reads U+2581 as a space, a lone surrogate as U+FFFD", () => {
    expect(llama.encode("a\u2581b \u2581")).toEqual(llama.encode("a b  "));
    expect(llama.encode("a\ud83d b\udc00")).toEqual(llama.encode("a\ufffd b\ufffd"));
  });

  test("does not depend on what was encoded before", () => {
    const text = examples.join(" ");
    const first = loadTokenizer().encode(text);
    for (let i = 0; i < 70_000; i++) llama.encode(`word${i}`); // more than the cache holds
    expect(llama.encode(text)).toEqual(first);
    expect(llama.encode(text)).toEqual(first);
  });

  test("prefers the higher score, then the leftmost pair", () => {
    const spaced = [" ", "a", "b"];
    // "ab" before "ba": " abab" = " ", "ab", "ab"; all three "aa" pairs tie: leftmost first.
    const tokenizer = new Tokenizer(vocabulary([...spaced, "ab", "ba", "aa"]));
    expect([...tokenizer.encode("abab", { bos: false })]).toEqual([259, 262, 262]);
    expect([...tokenizer.encode("aaa", { bos: false })]).toEqual([259, 264, 260]);
    const reversed = new Tokenizer(vocabulary([...spaced, "ab", "ba"], [-9, -9, -9, -1, 0]));
    expect([...reversed.encode("abab", { bos: false })]).toEqual([259, 260, 263, 261]);
  });

  test("does not cut the text where a piece of the vocabulary reaches across", () => {
    const pieces = [" ", "a", "b", "a ", "a b", "\n", "b\n", "b\nb"];
    const tokenizer = new Tokenizer(vocabulary(pieces, [0, 0, 0, 9, 8, 0, 9, 8]));
    expect([...tokenizer.encode("a b", { bos: false })]).toEqual([259, 263]);
    expect([...tokenizer.encode("b\nb", { bos: false })]).toEqual([259, 266]);
  });

  test("merges a long word by heap exactly as by scan", () => {
    const table = new MergeTable(
      vocabulary([" ", "a", "b", "c", "aa", "ab", "aaa", "aab", "bc", "abc", "aaaa", "abcabc"]),
    );
    const letters = fc.array(fc.integer({ min: 259, max: 262 }), { minLength: 1, maxLength: 200 });
    const property = fc.property(letters, (ids) => {
      const scanned = Int32Array.from(ids);
      const heaped = Int32Array.from(ids);
      const scannedCount = mergeByScan(scanned, ids.length, table);
      const heapedCount = mergeByHeap(heaped, ids.length, table);
      expect(heaped.subarray(0, heapedCount)).toEqual(scanned.subarray(0, scannedCount));
    });
    fc.assert(property, { seed: 1, numRuns: 500 });
  });

  test("takes half a million characters without a space in seconds", () => {
    // Quadratic merging would need hours, beyond this test's time limit.
    const word = "thelittlegirlwenttothepark漢字🦙".repeat(17_000);
    const ids = llama.encode(word);
    expect(ids.length).toBeLessThan(0.6 * word.length);
    expect(llama.decode(ids)).toBe(word);
    const spaces = " ".repeat(500_000);
    expect(llama.encode(spaces).length).toBeLessThan(spaces.length / 15); // 16 spaces are the longest piece
  });
});

describe("decode", () => {
  test("is the inverse of encode", () => {
    for (const text of examples) expect(llama.decode(llama.encode(text))).toBe(text);
    const property = fc.property(anyText, (text) => {
      expect(llama.decode(llama.encode(text, { eos: true }))).toBe(text);
    });
    fc.assert(property, { seed: 2, numRuns: 2000 });
  });

  test("keeps the leading space without BOS", () => {
    expect(llama.decode(llama.encode("in the middle", { bos: false }))).toBe(" in the middle");
  });

  test("accepts typed arrays of every element type and plain arrays", () => {
    const ids = [1, 15043, 3186];
    for (const tokens of [ids, Uint16Array.from(ids), Int32Array.from(ids)]) {
      expect(llama.decode(tokens)).toBe("Hello world");
    }
  });

  test("refuses ids outside the vocabulary", () => {
    for (const id of [-1, 32000, 1.5, Number.NaN]) {
      expect(() => llama.decode([1, id])).toThrow(ArgumentError);
      expect(() => llama.decode([1, id])).toThrow(`0..31999, got ${id}`);
    }
  });
});

describe("decoder", () => {
  const idsOfBytes = (...bytes: number[]): number[] => bytes.map((byte) => byte + 3);

  test("holds bytes back until their character is complete", () => {
    const decoder = llama.decoder();
    const [a, b, c, d] = idsOfBytes(0xf0, 0x9f, 0xa6, 0x99); // 🦙
    const texts = [1, a!, b!, c!, d!, 29889].map((id) => decoder.push(id));
    expect(texts).toEqual(["", "", "", "", "🦙", "."]);
    expect(decoder.end()).toBe("");
  });

  test("replaces bytes that are not UTF-8, wherever the sequence breaks", () => {
    expect(llama.decode([...idsOfBytes(0xf0, 0x9f), 29889])).toBe("\ufffd.");
    expect(llama.decode([...idsOfBytes(0xf0, 0x9f), ...idsOfBytes(0x41)])).toBe("\ufffdA");
    expect(llama.decode([...idsOfBytes(0xe6), 1, 29889])).toBe("\ufffd.");
    expect(llama.decode(idsOfBytes(0xff, 0x41, 0xe6))).toBe("\ufffdA\ufffd");
  });

  test("keeps a byte order mark", () => {
    expect(llama.decode([1, ...idsOfBytes(0xef, 0xbb, 0xbf), 29889])).toBe("\ufeff.");
  });

  test("drops one space after every BOS, and shows nothing for control ids", () => {
    expect(llama.decode([1, 15043, 3186, 2, 1, 15043])).toBe("Hello worldHello");
    expect(llama.decode([1, 259, 3186])).toBe("  world");
    expect(llama.decode([0])).toBe(" \u2047 ");
  });
});

test("loadTokenizer: describes the Llama-2 vocabulary, and says what to do without a file", () => {
  expect(llama).toMatchObject({ vocabSize: 32000, maxTokenLength: 27, bosId: 1, eosId: 2 });
  expect(() => loadTokenizer("/no/such/tokenizer.bin")).toThrow(MissingFileError);
  expect(() => loadTokenizer("/no/such/tokenizer.bin")).toThrow(
    "/no/such/tokenizer.bin: the tokenizer must be a file, got nothing there. Omit the path",
  );
});
