/** Recognizes token files, JSON, plain text, and files of other programs that are often met. */
import { readFileSync } from "node:fs";
import { mapFile } from "@ane/accel-ops";
import { resolveConfig } from "@ane/llama-model";
import { describeTokens, loadTokenizer, openTokenFile } from "@ane/tokenizer-data";
import { naming } from "../naming.js";
import { formatBytes, formatCount } from "../view/format.js";
import { type Finding, type Probe, textOf } from "./finding.js";
import { modelFacts } from "./models.js";
import { describeTokenizerJson } from "./tokenizers.js";

/** First bytes of what we do not read, and what to do. */
const FOREIGN: readonly (readonly [start: string, title: string, remedy: string])[] = [
  ["GGUF", "GGUF model of llama.cpp", "Use the model's safetensors."],
  [
    "PK\x03\x04",
    "zip archive, such as a PyTorch checkpoint",
    "Export it as safetensors, or with llama2.c's export.py.",
  ],
  ["version https://git-lfs", "git-lfs pointer, not the file itself", "Run git lfs pull."],
  ["\x1f\x8b", "gzip archive", "Unpack it first."],
  ["<!DOCTYPE html", "web page, such as an error in place of a download", "Fetch the file again."],
  ["<html", "web page, such as an error in place of a download", "Fetch the file again."],
];

export function recognizeForeign(probe: Probe): Finding | undefined {
  const start = textOf(probe, 32);
  const found = FOREIGN.find(([magic]) => start.startsWith(magic));
  if (found === undefined) return undefined;
  const [, title, remedy] = found;
  return {
    kind: "foreign",
    title,
    facts: { size: formatBytes(probe.size) },
    checks: [{ name: "readable here", ok: false, detail: `no. ${remedy}` }],
  };
}

export function recognizeJson(probe: Probe): Finding | undefined {
  if (!/^\s*\{/.test(textOf(probe))) return undefined;
  let content: Record<string, unknown>;
  try {
    content = JSON.parse(readFileSync(probe.path, "utf8")) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const has = (...fields: string[]) => fields.every((field) => field in content);
  if (has("dim", "layers")) {
    const facts = modelFacts(resolveConfig(probe.path));
    return { kind: "model-config", title: "model configuration for --model", facts, checks: [] };
  }
  if (has("recipe", "execution")) {
    return json("run-config", "configuration of a run: give its folder", {});
  }
  if (has("architectures")) {
    return json("hugging-face-config", "config.json of a Hugging Face folder: give the folder", {
      architectures: String(content.architectures),
    });
  }
  const tokenizer = describeTokenizerJson(content, probe);
  if (tokenizer !== undefined) return tokenizer;
  const { format } = content;
  if (typeof format === "string") return json("report", `report of ${format}`, {});
  return json("json", "JSON", { fields: Object.keys(content).slice(0, 12).join(", ") });
}

function json(kind: string, title: string, facts: Finding["facts"]): Finding {
  return { kind, title, facts, checks: [] };
}

export function recognizeText({ path, size, start }: Probe): Finding | undefined {
  if (size === 0 || start.includes(0)) return undefined;
  try {
    // A character may be cut at the end of what was read.
    new TextDecoder("utf-8", { fatal: true }).decode(start, { stream: start.length < size });
  } catch {
    return undefined;
  }
  return {
    kind: "text",
    title: "UTF-8 text",
    facts: {
      begins: JSON.stringify(Buffer.from(start.subarray(0, 60)).toString("utf8")),
      size: formatBytes(size),
      next: `ane data tokenize ${path} OUT`,
    },
    checks: [],
  };
}

/** Tokens shown as text. */
const PREVIEW = 32;

/** The last to be asked: whatever has whole elements may be one. */
export function recognizeTokens({ path, size, start, options }: Probe): Finding | undefined {
  if (size < 2 || size % 2 !== 0) return undefined;
  const words = new Uint16Array(
    start.buffer.slice(start.byteOffset, start.byteOffset + (start.length & ~3)),
  );
  const isWide =
    size % 4 === 0 &&
    words.length >= 4 &&
    words.every((word, i) => i % 2 === 0 || word < 64) &&
    words.some((word, i) => i % 2 === 0 && word > 64);
  using file = openTokenFile(path, {
    dtype: isWide ? "uint32" : "uint16",
    map: (mapped) => mapFile(mapped),
  });
  const { count, distinct, maxId, documents } = describeTokens(file.tokens);
  const tokenizer = naming("--tokenizer", () => loadTokenizer(options.tokenizer));
  const fits = maxId < tokenizer.vocabSize;
  const preview = fits ? tokenizer.decode(file.tokens.subarray(0, PREVIEW)) : undefined;
  return {
    kind: "tokens",
    title: "token file",
    facts: {
      dtype: file.dtype,
      tokens: `${count} (${formatCount(count)})`,
      documents,
      vocabulary: `${distinct} different ids, the largest ${maxId}`,
      ...(preview !== undefined && { begins: JSON.stringify(preview) }),
      size: formatBytes(size),
    },
    checks: [
      {
        name: "vocabulary",
        ok: fits,
        detail: fits
          ? `all ids are below ${tokenizer.vocabSize}`
          : `the largest id is ${maxId}, the tokenizer has ${tokenizer.vocabSize}. Give its own with --tokenizer, or this is no token file.`,
      },
    ],
  };
}
