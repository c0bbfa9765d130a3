/** Exports llama2.c's checkpoints: version 0 is what run.c and most tools around it read, version 2 what runq.c reads. */
import { bytesOf } from "../byte-view.js";
import { InputError } from "../errors.js";
import type { Parameters } from "../parameters.js";
import { replaceFile } from "../replace-file.js";
import { formatHeader, type LlamaBinHeader, type LlamaBinVersion } from "./header.js";
import { groupSizeFor, quantize } from "./q80.js";
import { rotaryTables } from "./rotary-tables.js";
import { type Section, sections } from "./sections.js";

/** Which version, and what is stored beside the parameters. */
export interface WriteLlamaBinOptions {
  /** Default 0. */
  readonly version?: LlamaBinVersion;
  /**
   * RoPE tables [2, S, h/2] to store in a version-0 file, as `readLlamaBin` returned them; by default computed. No reader
   * uses them.
   */
  readonly rotaryTables?: Float32Array;
}

/**
 * Writes the file atomically: `path` is replaced as a whole or not at all.
 * @throws ConfigError for a model that the format cannot express, InputError for tables of another size.
 */
export function writeLlamaBin(
  path: string,
  parameters: Parameters,
  options: WriteLlamaBinOptions = {},
): void {
  const { config } = parameters;
  const { version = 0 } = options;
  const groupSize = version === 2 ? groupSizeFor(config) : 0;
  const header: LlamaBinHeader = { version, config, groupSize };
  const start = formatHeader(header);
  const tables = version === 0 ? (options.rotaryTables ?? rotaryTables(config)) : undefined;
  const elements = config.seqLen * config.headDim;
  if (tables && tables.length !== elements) {
    throw new InputError(
      `writeLlamaBin: rotaryTables must have ${elements} elements (seqLen · headDim), got ${tables.length}. Leave them out to have them computed.`,
    );
  }
  replaceFile(path, parts(start, header, parameters, tables));
}

function* parts(
  start: Uint8Array,
  header: LlamaBinHeader,
  parameters: Parameters,
  tables: Float32Array | undefined,
): Generator<Uint8Array> {
  yield start;
  for (const section of sections(header)) yield* encode(section, header, parameters, tables);
}

function* encode(
  section: Section,
  { groupSize }: LlamaBinHeader,
  parameters: Parameters,
  tables: Float32Array | undefined,
): Generator<Uint8Array> {
  if (section.kind === "rotaryTables") {
    if (tables) yield bytesOf(tables);
    return;
  }
  const tensor = parameters.view(section.tensor.name);
  if (section.kind === "fp32") {
    yield bytesOf(tensor);
    return;
  }
  for (let first = 0; first < tensor.length; first += section.matrix) {
    const matrix = tensor.subarray(first, first + section.matrix);
    const [quantized, scales] = quantize(matrix, groupSize);
    yield bytesOf(quantized);
    yield bytesOf(scales);
  }
}
