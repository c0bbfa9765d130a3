/** SentencePiece models and tokenizer.json: what `ane info` says of them, and that a model does what its tokenizer.bin does. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runAne } from "./test-context.js";

const folder = mkdtempSync(join(tmpdir(), "ane-tokenizers-"));
afterAll(() => rmSync(folder, { recursive: true }));
const ane = (...inputs: string[]) => runAne(inputs, { directory: folder });

async function info(file: string) {
  const { code, out } = await ane("info", file, "--json");
  return { code, ...JSON.parse(out) };
}

/** A field of protocol buffers: its number, wire type 2 and content of less than 128 bytes. */
const field = (number: number, ...content: (Buffer | string)[]) => {
  const bytes = Buffer.concat(content.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.of((number << 3) | 2, bytes.length), bytes]);
};
const score = Buffer.of(0x15, 0, 0, 0xc0, 0xbf);
const type = (number: number) => Buffer.of(0x18, number);

const UNIGRAM = Buffer.concat([
  field(1, field(1, "<pad>"), score, type(3)),
  field(1, field(1, "</s>"), score, type(3)),
  field(1, field(1, "<unk>"), score, type(2)),
  field(1, field(1, "\u2581the"), score),
  // unk_id 2, bos_id -1, eos_id 1, pad_id 0, as T5 has them.
  field(2, Buffer.from("c00202c802ffffffffffffffffff01d00201d80200", "hex")),
  field(3, field(1, "nmt_nfkc"), field(2, "map")),
]);

writeFileSync(join(folder, "unigram.model"), UNIGRAM);
writeFileSync(join(folder, "cut.model"), UNIGRAM.subarray(0, UNIGRAM.length - 20));
writeFileSync(
  join(folder, "tokenizer.json"),
  JSON.stringify({
    version: "1.0",
    added_tokens: [{ id: 2, content: "<s>", special: true }],
    normalizer: { type: "Sequence", normalizers: [] },
    pre_tokenizer: null,
    model: { type: "BPE", byte_fallback: true, vocab: { a: 0, b: 1 }, merges: [] },
  }),
);
writeFileSync(
  join(folder, "story.txt"),
  "Once upon a time, a girl said: 漢\n<|endoftext|>The end.",
);

describe("ane info", () => {
  it("knows a SentencePiece model, and says why it cannot be taken", async () => {
    expect(await info("unigram.model")).toMatchObject({
      code: 1,
      kind: "sentencepiece",
      facts: {
        type: "unigram",
        vocabulary: 4,
        "special ids": "unknown 2, BOS none, EOS 1, padding 0",
        "byte fallback": "no",
        normalizer: "nmt_nfkc, removes extra spaces",
        "longest token": "5 bytes",
      },
      checks: [
        { name: "pieces", ok: true },
        { name: "--tokenizer", ok: false, detail: expect.stringContaining("must be BPE") },
      ],
    });
    expect(await info("cut.model")).toMatchObject({
      code: 1,
      kind: "sentencepiece",
      checks: [{ name: "pieces", ok: false, detail: expect.stringContaining("cut short") }],
    });
  });

  it("knows tokenizer.json, and says what to give instead", async () => {
    expect(await info("tokenizer.json")).toMatchObject({
      code: 1,
      kind: "hugging-face-tokenizer",
      facts: {
        type: "BPE",
        vocabulary: 3,
        "added tokens": "<s> 2",
        "byte fallback": "yes",
        normalizer: "Sequence",
        "pre-tokenizer": "none",
      },
      checks: [{ ok: false, detail: expect.stringContaining("tokenizer.model") }],
    });
  });
});

it.each([
  [
    "unigram.model",
    "--tokenizer: ",
    "must be BPE, got unigram. Encode the text with SentencePiece",
  ],
  ["tokenizer.json", "--tokenizer: ", "pass the tokenizer.model beside it"],
])("data tokenize -z %s is refused, with what to do", async (file, flag, advice) => {
  const { code, err } = await ane("data", "tokenize", "story.txt", "out.bin", "-z", file);
  expect(code).toBe(2);
  expect(err).toContain(flag);
  expect(err).toContain(advice);
});

const data = process.env.ANE_TEST_DATA;
describe.skipIf(data === undefined)(
  `tokenizer.model${data ? "" : ": ANE_TEST_DATA is not set"}`,
  () => {
    const model = join(data ?? "", "llama/tokenizer.model");

    it("is known", async () => {
      expect(await info(model)).toMatchObject({
        code: 0,
        facts: { type: "bpe", vocabulary: 32000, "byte fallback": "yes", normalizer: "identity" },
        checks: [{ ok: true }, { ok: true }],
      });
    });

    it("makes the token file that tokenizer.bin makes", async () => {
      const binary = join(data ?? "", "llama/tokenizer.bin");
      for (const [from, to] of [
        [model, "model.tokens"],
        [binary, "bin.tokens"],
      ] as const) {
        expect((await ane("data", "tokenize", "story.txt", to, "-z", from)).code).toBe(0);
      }
      const tokens = readFileSync(join(folder, "model.tokens"));
      expect(tokens.length).toBeGreaterThan(20);
      expect(tokens.equals(readFileSync(join(folder, "bin.tokens")))).toBe(true);
      const shown = await ane("info", "model.tokens", "--tokenizer", model);
      expect([shown.code, shown.out]).toEqual([0, expect.stringContaining("Once upon a time")]);
    });
  },
);
