/** What a path holds, by its content. The order matters: the surest signs come first. */
import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import type { Finding, InfoOptions, Probe, Recognizer } from "./finding.js";
import {
  recognizeCheckpoint,
  recognizeHuggingFace,
  recognizeLlamaBin,
  recognizeSafetensors,
} from "./models.js";
import { recognizeBlobFile, recognizeMil, recognizeMlpackage } from "./programs.js";
import { recognizeDump, recognizeEvents, recognizeRun, recognizeRuns } from "./runs.js";
import { recognizeForeign, recognizeJson, recognizeText, recognizeTokens } from "./texts.js";
import { recognizeSentencePiece, recognizeTokenizer } from "./tokenizers.js";

const FOLDERS: readonly Recognizer[] = [
  recognizeMlpackage,
  recognizeDump,
  recognizeRun,
  recognizeHuggingFace,
  recognizeRuns,
];

const FILES: readonly Recognizer[] = [
  recognizeCheckpoint,
  recognizeForeign,
  recognizeMil,
  recognizeSafetensors,
  recognizeBlobFile,
  recognizeEvents,
  recognizeJson,
  recognizeLlamaBin,
  recognizeTokenizer,
  recognizeSentencePiece,
  recognizeText,
  recognizeTokens,
];

const START_BYTES = 4096;

/** @param path Absolute, of what exists. */
export async function recognize(path: string, options: InfoOptions): Promise<Finding> {
  const stats = statSync(path);
  const isFolder = stats.isDirectory();
  const probe: Probe = {
    path,
    isFolder,
    size: isFolder ? 0 : stats.size,
    start: isFolder ? new Uint8Array(START_BYTES) : firstBytes(path),
    options,
  };
  for (const recognizer of isFolder ? FOLDERS : FILES) {
    const finding = await recognizer(probe);
    if (finding !== undefined) return finding;
  }
  return unknown(probe);
}

function firstBytes(path: string): Uint8Array {
  const file = openSync(path, "r");
  try {
    const bytes = new Uint8Array(START_BYTES);
    return bytes.subarray(0, readSync(file, bytes, 0, START_BYTES, 0));
  } finally {
    closeSync(file);
  }
}

function unknown({ path, isFolder, size }: Probe): Finding {
  const names = isFolder ? readdirSync(path).slice(0, 8).join(", ") || "nothing" : "";
  return {
    kind: "unknown",
    title: "nothing that is known here",
    facts: isFolder ? { holds: names } : { size: `${size} bytes` },
    checks: [
      {
        name: "content",
        ok: false,
        detail: `a model, a run, tokens, a tokenizer, a MIL program or its weights are known. ${size === 0 && !isFolder ? "The file is empty." : "Check the path."}`,
      },
    ],
  };
}
