/** Imports llama2.c's checkpoints of all versions: read in pieces straight into the arena, no second copy in memory. */
import { basename, extname } from "node:path";
import { bytesOf } from "../byte-view.js";
import type { LlamaConfig } from "../config.js";
import { FormatError } from "../errors.js";
import { expectFinite } from "../expect-finite.js";
import { Parameters } from "../parameters.js";
import { PositionedFile } from "../positioned-file.js";
import { presetWithDims } from "../presets.js";
import { HEADER_BYTES, type LlamaBinVersion, parseHeader } from "./header.js";
import { dequantize } from "./q80.js";
import { sections } from "./sections.js";

/** What a llama2.c file holds. */
export interface LlamaBin {
  /** Named after the preset with the same dims, otherwise after the file. */
  readonly config: LlamaConfig;
  readonly parameters: Parameters;
  readonly version: LlamaBinVersion;
  /**
   * The RoPE tables of a version-0 file, [2, S, h/2] fp32 (empty for the others): unused here, but an export that is to be
   * byte-identical needs them.
   */
  readonly rotaryTables: Float32Array;
}

/** Where the parameters are read to. */
export interface ReadLlamaBinOptions {
  /** Gives the arena to read into, `parameterLayout(config).total` elements; by default new memory. */
  readonly allocate?: (config: LlamaConfig) => Float32Array;
}

/**
 * Reads a whole checkpoint of version 0, 1 or 2 (int8 is widened to fp32).
 * @throws FormatError if the file is of another format or length than its header says, or holds a non-finite parameter;
 *   the system's error if it cannot be read.
 */
export function readLlamaBin(path: string, options: ReadLlamaBinOptions = {}): LlamaBin {
  using file = new PositionedFile(path);
  const start = new Uint8Array(Math.min(HEADER_BYTES[1], file.length));
  file.read(start, 0);
  const header = parseHeader(path, start, basename(path, extname(path)));
  const config = {
    ...header.config,
    name: presetWithDims(header.config)?.name ?? header.config.name,
  };
  const parts = sections(header);
  const headerBytes = HEADER_BYTES[header.version];
  const expected = parts.reduce((sum, { bytes }) => sum + bytes, headerBytes);
  if (file.length !== expected) {
    throw new FormatError(
      path,
      `${path}: the file of a model with this header must have ${expected} bytes, got ${file.length}. Fetch the file again.`,
    );
  }
  const parameters = new Parameters(config, options.allocate?.(config));
  let rotaryTables = new Float32Array(0);
  let position = headerBytes;
  for (const part of parts) {
    if (part.kind === "rotaryTables") {
      rotaryTables = new Float32Array(part.bytes / 4);
      file.read(bytesOf(rotaryTables), position);
    } else {
      const target = parameters.view(part.tensor.name);
      if (part.kind === "fp32") file.read(bytesOf(target), position);
      else readQuantized(file, position, target, part.matrix, header.groupSize);
    }
    position += part.bytes;
  }
  expectFinite(path, parameters);
  return { config: parameters.config, parameters, version: header.version, rotaryTables };
}

/** A tensor of int8 matrices, each followed by its scales. */
function readQuantized(
  file: PositionedFile,
  start: number,
  target: Float32Array,
  matrix: number,
  groupSize: number,
): void {
  const quantized = new Int8Array(matrix);
  const scales = new Float32Array(matrix / groupSize);
  let position = start;
  for (let first = 0; first < target.length; first += matrix) {
    file.read(bytesOf(quantized), position);
    file.read(bytesOf(scales), position + quantized.byteLength);
    dequantize(quantized, scales, target.subarray(first, first + matrix));
    position += quantized.byteLength + scales.byteLength;
  }
}
