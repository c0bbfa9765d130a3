/** Imports llama2.c's version-0 checkpoints: read in pieces straight into the arena, no second copy in memory. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { basename, extname } from "node:path";
import { allFinite } from "@ane/accel-ops";
import type { LlamaConfig } from "./config.js";
import { FormatError } from "./errors.js";
import { HEADER_BYTES, llamaBinSizes, parseHeader } from "./llama-bin-header.js";
import { Parameters } from "./parameters.js";
import { presetWithDims } from "./presets.js";

/** What a llama2.c file holds. */
export interface LlamaBin {
  /** Named after the preset with the same dims, otherwise after the file. */
  readonly config: LlamaConfig;
  readonly parameters: Parameters;
  /** The file's RoPE tables, [2, S, h/2] fp32: unused here, but an export that is to be byte-identical needs them. */
  readonly rotaryTables: Float32Array;
}

/** Where the parameters are read to. */
export interface ReadLlamaBinOptions {
  /** Gives the arena to read into, `parameterLayout(config).total` elements; by default new memory. */
  readonly allocate?: (config: LlamaConfig) => Float32Array;
}

/** One read call: bounds what the system is asked for at once. */
const CHUNK_BYTES = 64 * 1024 * 1024;

/**
 * Reads a whole checkpoint.
 * @throws FormatError if the file is of another format or length than its header says, or holds a non-finite parameter;
 *   the system's error if it cannot be read.
 */
export function readLlamaBin(path: string, options: ReadLlamaBinOptions = {}): LlamaBin {
  const file = openSync(path, "r");
  try {
    const actualBytes = fstatSync(file).size;
    const header = new Uint8Array(Math.min(HEADER_BYTES, actualBytes));
    readFully(file, path, header, 0);
    const parsed = parseHeader(path, header, basename(path, extname(path)));
    const config = { ...parsed, name: presetWithDims(parsed)?.name ?? parsed.name };
    const { tensorBytes, tableBytes, fileBytes } = llamaBinSizes(config);
    if (actualBytes !== fileBytes) {
      throw new FormatError(
        path,
        `${path}: the file of a model with this header must have ${fileBytes} bytes, got ${actualBytes}. Fetch the file again.`,
      );
    }
    const parameters = new Parameters(config, options.allocate?.(config));
    const rotaryTables = new Float32Array(tableBytes / 4);
    const arena = bytesOf(parameters.data);
    const tablesAt = HEADER_BYTES + tensorBytes;
    readFully(file, path, arena.subarray(0, tensorBytes), HEADER_BYTES);
    readFully(file, path, bytesOf(rotaryTables), tablesAt);
    readFully(file, path, arena.subarray(tensorBytes), tablesAt + tableBytes);
    expectFinite(path, parameters);
    return { config: parameters.config, parameters, rotaryTables };
  } finally {
    closeSync(file);
  }
}

function bytesOf(array: Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function readFully(file: number, path: string, target: Uint8Array, position: number): void {
  for (let done = 0; done < target.length; ) {
    const wanted = Math.min(CHUNK_BYTES, target.length - done);
    const count = readSync(file, target, done, wanted, position + done);
    if (count === 0) {
      throw new FormatError(
        path,
        `${path}: the file must have ${target.length} bytes from byte ${position}, got ${done}. It was shortened while being read.`,
      );
    }
    done += count;
  }
}

function expectFinite(path: string, parameters: Parameters): void {
  for (const { name } of parameters.layout.entries) {
    const view = parameters.view(name);
    if (allFinite(view)) continue;
    const index = view.findIndex((value) => !Number.isFinite(value));
    throw new FormatError(
      path,
      `${path}: parameters must be finite, got ${view[index]} in ${name}[${index}]. The file is damaged or its training diverged.`,
    );
  }
}
