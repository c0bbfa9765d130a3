/** Exports llama2.c's version-0 checkpoints, which run.c and most tools around it read. */
import { InputError } from "./errors.js";
import { formatHeader, llamaBinSizes } from "./llama-bin-header.js";
import type { Parameters } from "./parameters.js";
import { replaceFile } from "./replace-file.js";
import { rotaryTables } from "./rotary-tables.js";

/** What is stored beside the parameters. */
export interface WriteLlamaBinOptions {
  /** RoPE tables [2, S, h/2] to store, as `readLlamaBin` returned them; by default computed. No reader uses them. */
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
  const { config, data } = parameters;
  const header = formatHeader(config);
  const { tensorBytes, tableBytes } = llamaBinSizes(config);
  const tables = options.rotaryTables ?? rotaryTables(config);
  if (tables.byteLength !== tableBytes) {
    throw new InputError(
      `writeLlamaBin: rotaryTables must have ${tableBytes / 4} elements (seqLen · headDim), got ${tables.length}. Leave them out to have them computed.`,
    );
  }
  const arena = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  replaceFile(path, [
    header,
    arena.subarray(0, tensorBytes),
    new Uint8Array(tables.buffer, tables.byteOffset, tables.byteLength),
    arena.subarray(tensorBytes),
  ]);
}
