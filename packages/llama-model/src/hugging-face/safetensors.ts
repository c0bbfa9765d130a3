/**
 * The safetensors container (huggingface/safetensors, README "Format"): a little-endian uint64 N, N bytes of JSON naming each
 * tensor's dtype, shape and byte range, then the data. Ranges count from the end of the JSON, without gaps or overlaps.
 */
import { FormatError } from "../errors.js";
import type { PositionedFile } from "../positioned-file.js";

/** The element types that parameters come in. */
export const ELEMENT_BYTES = { F32: 4, F16: 2, BF16: 2 } as const;
export type ElementType = keyof typeof ELEMENT_BYTES;

export interface StoredTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Absolute byte range in the file. */
  readonly start: number;
  readonly end: number;
}

const LENGTH_BYTES = 8;
/** The format's own bound of the JSON (100 MB). */
const LARGEST_HEADER = 100_000_000;

/** Reads and checks the table of tensors; no data. @throws FormatError naming the tensor or byte at fault */
export function readTensorTable(file: PositionedFile): Map<string, StoredTensor> {
  const length = new Uint8Array(LENGTH_BYTES);
  file.read(length, 0);
  const headerBytes = Number(new DataView(length.buffer).getBigUint64(0, true));
  if (headerBytes > LARGEST_HEADER || LENGTH_BYTES + headerBytes > file.length) {
    throw new FormatError(
      file.path,
      `${file.path}: a safetensors file must begin with the length of its table, got ${headerBytes} in a file of ${file.length} bytes. This is another format, or a git-lfs pointer, or a part of the file.`,
    );
  }
  const json = Buffer.alloc(headerBytes);
  file.read(json, LENGTH_BYTES);
  const dataStart = LENGTH_BYTES + headerBytes;
  const tensors = Object.entries(parseTable(file, json)).filter(
    ([name]) => name !== "__metadata__",
  );
  const table = new Map(
    tensors.map(([name, entry]) => [name, checkEntry(file, name, entry, dataStart)]),
  );
  expectExactCover(file, [...table.values()], dataStart);
  return table;
}

function parseTable(file: PositionedFile, json: Buffer): Record<string, unknown> {
  try {
    const table: unknown = JSON.parse(json.toString("utf8"));
    if (typeof table === "object" && table !== null) return table as Record<string, unknown>;
  } catch (cause) {
    throw new FormatError(
      file.path,
      `${file.path}: the table of a safetensors file must be JSON, got ${(cause as Error).message}. Fetch the file again.`,
      { cause },
    );
  }
  throw new FormatError(
    file.path,
    `${file.path}: the table of a safetensors file must be a JSON object, got ${json.toString("utf8", 0, 40)}. Fetch the file again.`,
  );
}

function checkEntry(
  file: PositionedFile,
  name: string,
  entry: unknown,
  dataStart: number,
): StoredTensor {
  const { dtype, shape, data_offsets: range } = (entry ?? {}) as Record<string, unknown>;
  const areSizes = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (typeof dtype !== "string" || !areSizes(shape) || !areSizes(range) || range.length !== 2) {
    throw new FormatError(
      file.path,
      `${file.path}: tensor "${name}" must have a dtype, a shape and two data_offsets, got ${JSON.stringify(entry)}. Fetch the file again.`,
    );
  }
  const [start, end] = range as [number, number];
  return { name, dtype, shape, start: dataStart + start, end: dataStart + end };
}

/** The tensors must fill the file from the table to its end. */
function expectExactCover(file: PositionedFile, tensors: StoredTensor[], dataStart: number): void {
  let position = dataStart;
  for (const { name, start, end } of [...tensors].sort(
    (a, b) => a.start - b.start || a.end - b.end,
  )) {
    if (start !== position || end < start) {
      throw new FormatError(
        file.path,
        `${file.path}: tensor "${name}" must begin at byte ${position}, got bytes ${start} to ${end}. Fetch the file again.`,
      );
    }
    position = end;
  }
  if (position !== file.length) {
    throw new FormatError(
      file.path,
      `${file.path}: the file must have ${position} bytes, got ${file.length}. Fetch the file again.`,
    );
  }
}

/** What a file is to hold, in order. */
export interface TensorToStore {
  readonly name: string;
  readonly shape: readonly number[];
}

/** The bytes before the data: length and table, padded with spaces to a multiple of 8 as the reference writer does. */
export function formatTensorTable(
  tensors: readonly TensorToStore[],
  dtype: ElementType,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const table: Record<string, unknown> = { __metadata__: metadata };
  let position = 0;
  for (const { name, shape } of tensors) {
    const elements = shape.reduce((product, size) => product * size, 1);
    const end = position + elements * ELEMENT_BYTES[dtype];
    table[name] = { dtype, shape, data_offsets: [position, end] };
    position = end;
  }
  const json = JSON.stringify(table);
  const bytes = Buffer.byteLength(json);
  const padded = Math.ceil(bytes / 8) * 8;
  const header = Buffer.alloc(LENGTH_BYTES + padded, " ");
  header.writeBigUInt64LE(BigInt(padded), 0);
  header.write(json, LENGTH_BYTES);
  return header;
}
