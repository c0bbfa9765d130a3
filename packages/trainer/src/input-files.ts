/** The files that a run reads: opened once before any work, so that what is wrong with them is said as an option's error. */
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { mapFile } from "@ane/accel-ops";
import { embeddedDataset, openTokenFile, type TokenFile } from "@ane/tokenizer-data";
import { OptionError } from "./errors.js";
import { fileDigest } from "./file-digest.js";
import type { TextModel } from "./model-record.js";
import { EMBEDDED } from "./run-config.js";

export type Split = "data" | "validation";

/** How config.json names a token file: absolute, or "embedded" for the one that comes along. */
export function storedPath(path: string | undefined): string {
  return path === undefined || path === EMBEDDED ? EMBEDDED : resolve(path);
}

/** The file behind a stored path. */
export function tokenPath(split: Split, stored: string): string {
  if (stored !== EMBEDDED) return stored;
  const embedded = embeddedDataset();
  return split === "data" ? embedded.train : embedded.validation;
}

/**
 * Opens a token file as a memory map.
 * @throws OptionError naming the option, if the file is missing, has fewer than seq + 1 tokens or ids outside the vocabulary.
 */
export function openTokens(split: Split, stored: string, model: TextModel, seq: number): TokenFile {
  const path = tokenPath(split, stored);
  expectFile(split, path);
  try {
    return openTokenFile(path, {
      vocabSize: model.vocabSize,
      minLength: seq + 1,
      map: (mapped) => mapFile(mapped),
    });
  } catch (cause) {
    if (stored === EMBEDDED) throw foreignVocabulary(split, model, cause);
    throw new OptionError(
      split,
      `must be a token file for ${model.name} (${model.vocabSize} token ids) of at least seq + 1 = ${seq + 1} tokens. ${messageOf(cause)}`,
      { cause },
    );
  }
}

function foreignVocabulary(split: Split, { name, vocabSize }: TextModel, cause: unknown) {
  const width = vocabSize > 2 ** 16 ? "uint32" : "uint16";
  return new OptionError(
    split,
    `must be given for ${name}, since the embedded stories have the 32000 token ids of Llama 2, got a model of ${vocabSize} ids. Give a file of ${width} ids of the model's tokenizer.`,
    { cause },
  );
}

/** SHA-256 and length of a token file, after the checks of `openTokens`. */
export function identifyTokens(
  split: Split,
  stored: string,
  model: TextModel,
  seq: number,
): { sha256: string; tokens: number } {
  using file = openTokens(split, stored, model, seq);
  return { sha256: fileDigest(file.path), tokens: file.length };
}

/** @throws OptionError unless there is a file at the path. */
export function expectFile(option: string, path: string): void {
  if (!existsSync(path)) {
    throw new OptionError(option, `must be an existing file, got ${path}. Check the path.`);
  }
  if (!statSync(path).isFile()) {
    throw new OptionError(option, `must be a file, got the folder ${path}. Check the path.`);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
