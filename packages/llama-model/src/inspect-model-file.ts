/** What model files say of themselves: headers and tables alone, no parameters. */
import { basename, extname, join, resolve } from "node:path";
import type { LlamaConfig } from "./config.js";
import { readConfigFile } from "./hugging-face/config-file.js";
import { readTensorTable, type StoredTensor } from "./hugging-face/safetensors.js";
import { expectFile, shardsOf } from "./hugging-face/shards.js";
import { HEADER_BYTES, type LlamaBinHeader, parseHeader } from "./llama-bin/header.js";
import { sections } from "./llama-bin/sections.js";
import { PositionedFile } from "./positioned-file.js";
import { presetWithDims } from "./presets.js";

export interface LlamaBinInfo extends LlamaBinHeader {
  /** Bytes that a file with this header has. */
  readonly expectedBytes: number;
  /** Bytes that this one has. */
  readonly bytes: number;
}

/** @throws FormatError where the header is not of a llama2.c file; the system's error if it cannot be read. */
export function inspectLlamaBin(path: string): LlamaBinInfo {
  using file = new PositionedFile(path);
  const start = new Uint8Array(Math.min(HEADER_BYTES[1], file.length));
  file.read(start, 0);
  const header = parseHeader(path, start, basename(path, extname(path)));
  const expectedBytes = sections(header).reduce(
    (sum, { bytes }) => sum + bytes,
    HEADER_BYTES[header.version],
  );
  return { ...header, config: named(header.config), expectedBytes, bytes: file.length };
}

/** The tensors of a safetensors file in the order of the table. @throws FormatError for another or a damaged file */
export function inspectSafetensors(path: string): readonly StoredTensor[] {
  using file = new PositionedFile(path);
  return [...readTensorTable(file).values()];
}

export interface HuggingFaceInfo {
  readonly config: LlamaConfig;
  /** Names of the files with tensors. */
  readonly shards: readonly string[];
  readonly tensors: readonly StoredTensor[];
}

/** @throws FormatError for a model that cannot be imported, a missing or damaged file. */
export function inspectHuggingFace(folder: string): HuggingFaceInfo {
  const config = readConfigFile(join(folder, "config.json"), basename(resolve(folder)));
  const shards = shardsOf(folder);
  for (const name of shards) expectFile(folder, name);
  const tensors = shards.flatMap((name) => inspectSafetensors(join(folder, name)));
  return { config: named(config), shards, tensors };
}

function named(config: LlamaConfig): LlamaConfig {
  return { ...config, name: presetWithDims(config)?.name ?? config.name };
}
