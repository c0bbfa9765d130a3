/** Recognizes tokenizers: of llama2.c, of SentencePiece, and tokenizer.json of Hugging Face. */
import { readFileSync } from "node:fs";
import {
  isSentencePieceModel,
  loadTokenizer,
  parseSentencePieceModel,
  type SentencePieceModel,
} from "@ane/tokenizer-data";
import { formatBytes } from "../view/format.js";
import { checked, type Finding, type Probe } from "./finding.js";

/** Larger ones are none; tokenizer.bin of 256,000 pieces has 4 MB. */
const MOST_BYTES = 64e6;

export function recognizeTokenizer({ path, start, size }: Probe): Finding | undefined {
  // A longest token, then a score and a length of at most that.
  if (size < 259 * 8 || size > MOST_BYTES) return undefined;
  const view = new DataView(start.buffer, start.byteOffset);
  const longest = view.getInt32(0, true);
  if (
    longest < 1 ||
    longest > 4096 ||
    view.getInt32(8, true) > longest ||
    view.getInt32(8, true) < 1
  ) {
    return undefined;
  }
  try {
    const tokenizer = loadTokenizer(path);
    return {
      kind: "tokenizer",
      title: "tokenizer.bin of llama2.c",
      facts: {
        vocabulary: tokenizer.vocabSize,
        "longest token": `${longest} bytes`,
        size: formatBytes(size),
      },
      checks: [{ name: "pieces", ok: true, detail: "bytes, scores and texts are in order" }],
    };
  } catch {
    return undefined;
  }
}

export function recognizeSentencePiece({ path, start, size }: Probe): Finding | undefined {
  if (!isSentencePieceModel(start) || size > MOST_BYTES) return undefined;
  let facts: Finding["facts"] = {};
  const pieces = checked("pieces", () => {
    facts = modelFacts(parseSentencePieceModel(readFileSync(path), path));
    return "types, scores and texts are in order";
  });
  const use = checked("--tokenizer", () => {
    loadTokenizer(path);
    return "takes it, as it takes a tokenizer.bin";
  });
  return {
    kind: "sentencepiece",
    title: "SentencePiece model",
    facts: { ...facts, size: formatBytes(size) },
    checks: pieces.ok ? [pieces, use] : [pieces],
  };
}

function modelFacts(model: SentencePieceModel): Finding["facts"] {
  const ids = [
    ["unknown", model.unknownId],
    ["BOS", model.bosId],
    ["EOS", model.eosId],
    ["padding", model.padId],
  ] as const;
  const longest = model.pieces.reduce(
    (most, { text }) => Math.max(most, Buffer.byteLength(text.replaceAll("\u2581", " "))),
    0,
  );
  return {
    type: model.type,
    vocabulary: model.pieces.length,
    "special ids": ids.map(([name, id]) => `${name} ${id < 0 ? "none" : id}`).join(", "),
    "byte fallback": model.byteFallback ? "yes" : "no",
    normalizer: `${model.normalizer || "unnamed"}${model.removesExtraSpaces ? ", removes extra spaces" : ""}`,
    "longest token": `${longest} bytes`,
  };
}

/** @param content Of a JSON file; undefined where it is something else. */
export function describeTokenizerJson(
  content: Readonly<Record<string, unknown>>,
  { size }: Probe,
): Finding | undefined {
  const { model, added_tokens: added, normalizer, pre_tokenizer: preTokenizer } = content;
  if (!isObject(model) || !("vocab" in model) || !("added_tokens" in content)) return undefined;
  const { vocab } = model;
  const pieces = new Set(Array.isArray(vocab) ? vocab.map(([piece]) => piece) : []);
  if (isObject(vocab)) for (const piece of Object.keys(vocab)) pieces.add(piece);
  const special = Array.isArray(added) ? added.filter(isObject) : [];
  for (const { content: piece } of special) pieces.add(piece);
  return {
    kind: "hugging-face-tokenizer",
    title: "tokenizer.json of Hugging Face",
    facts: {
      type: String(model.type ?? "not stated"),
      vocabulary: pieces.size,
      "added tokens":
        special
          .slice(0, 8)
          .map(({ id, content: piece }) => `${String(piece)} ${String(id)}`)
          .join(", ") + (special.length > 8 ? ` and ${special.length - 8} more` : ""),
      "byte fallback": model.byte_fallback === true ? "yes" : "no",
      normalizer: typeName(normalizer),
      "pre-tokenizer": typeName(preTokenizer),
      size: formatBytes(size),
    },
    checks: [
      {
        name: "--tokenizer",
        ok: false,
        detail:
          "does not take it. Give the tokenizer.model beside it, if the model is of Llama's kind; " +
          "or encode the text with the tokenizers library, and write the ids as little-endian uint16 (uint32 above 65536 ids): a token file.",
      },
    ],
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function typeName(part: unknown): string {
  return isObject(part) && typeof part.type === "string" ? part.type : "none";
}
