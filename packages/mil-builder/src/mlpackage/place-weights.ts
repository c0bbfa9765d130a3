/**
 * Weight files of a package. A model refers to them as "@model_path/weights/<file>"; their names are free and one may hold many
 * blobs. "separate" keeps every file as it is, "merged" writes all blobs that the program uses into weight.bin, which is
 * what coremltools does.
 */
import type { BlobSource } from "../blob/blob.js";
import type { FileBytes } from "../blob/byte-source.js";
import { type BlobFile, openBlobFile } from "../blob/read-blob-file.js";
import { blobOffsets, writeBlobFile } from "../blob/write-blob-file.js";
import { ArgumentError } from "../errors.js";
import type { BlobReference, Program } from "../program.js";
import { elementCount, formatType } from "../tensor-type.js";
import { blobReferences, mapBlobs } from "./map-blobs.js";

const FOLDER = "@model_path/weights/";
const MERGED = `${FOLDER}weight.bin`;

/** A program that refers to files of its package, and those files by name within "weights". */
export interface PlacedWeights {
  readonly program: Program;
  readonly files: ReadonlyMap<string, FileBytes>;
}

/**
 * @param blobs weight files by the path that the program uses
 * @throws ArgumentError if a file is missing or does not hold what the program says; FormatError if it cannot be read
 */
export function placeWeights(
  program: Program,
  blobs: ReadonlyMap<string, FileBytes>,
  mode: "separate" | "merged",
): PlacedWeights {
  const opened = openAll(program, blobs);
  return mode === "merged" ? merge(program, opened) : keep(program, blobs);
}

function openAll(
  program: Program,
  blobs: ReadonlyMap<string, FileBytes>,
): ReadonlyMap<string, BlobFile> {
  const opened = new Map<string, BlobFile>();
  for (const reference of blobReferences(program)) {
    const { path } = reference;
    const bytes = blobs.get(path);
    if (bytes === undefined) {
      throw new ArgumentError(
        `writeMlpackage: the program reads "${path}", got no such file. Pass it in the blobs.`,
      );
    }
    const file = opened.get(path) ?? openBlobFile(bytes, { mode: "lenient" });
    opened.set(path, file);
    const mismatch = compareBlob(file, reference);
    if (mismatch !== undefined) {
      throw new ArgumentError(
        `writeMlpackage: "${path}" at ${reference.offset} is ${formatType(reference.type)} for the program, got ${mismatch}. Pass the file that belongs to the program.`,
      );
    }
  }
  return opened;
}

/** What the file has in place of what the program says; undefined if they agree. @throws FormatError (ERR_BLOB) */
export function compareBlob(file: BlobFile, { type, offset }: BlobReference): string | undefined {
  const { dtype, length } = file.blobAt(offset);
  const agrees = dtype === type.dtype && length === elementCount(type.shape);
  return agrees ? undefined : `${length} elements of ${dtype}`;
}

function keep(program: Program, blobs: ReadonlyMap<string, FileBytes>): PlacedWeights {
  const names = new Map<string, string>();
  const files = new Map<string, FileBytes>();
  for (const { path } of blobReferences(program)) {
    if (names.has(path)) continue;
    const name = freeName(path, [...files.keys()]);
    names.set(path, name);
    files.set(name, blobs.get(path)!);
  }
  const change = (reference: BlobReference): BlobReference => ({
    ...reference,
    path: `${FOLDER}${names.get(reference.path)}`,
  });
  return { program: mapBlobs(program, change), files };
}

/** The last part of the path; numbered if another file differs from it in case at most, which some disks do not tell apart. */
function freeName(path: string, taken: readonly string[]): string {
  const last = path.split(/[/\\]/).at(-1)!;
  const base = last === "" || last === "." || last === ".." ? "weight.bin" : last;
  const dot = base.lastIndexOf(".");
  const [stem, extension] = dot > 0 ? [base.slice(0, dot), base.slice(dot)] : [base, ""];
  const lower = new Set(taken.map((name) => name.toLowerCase()));
  let name = base;
  for (let n = 1; lower.has(name.toLowerCase()); n++) name = `${stem}_${n}${extension}`;
  return name;
}

function merge(program: Program, opened: ReadonlyMap<string, BlobFile>): PlacedWeights {
  const sources = new Map<string, BlobSource>();
  const keyOf = ({ path, offset }: BlobReference) => `${offset} ${path}`;
  for (const reference of blobReferences(program)) {
    const key = keyOf(reference);
    if (sources.has(key)) continue;
    const { dtype, data, length } = opened.get(reference.path)!.blobAt(reference.offset);
    sources.set(key, { dtype, data, length });
  }
  if (sources.size === 0) return { program, files: new Map() };
  const blobs = [...sources.values()];
  const offsets = blobOffsets(blobs);
  const placed = new Map([...sources.keys()].map((key, index) => [key, offsets[index]!]));
  const change = (reference: BlobReference): BlobReference => ({
    ...reference,
    path: MERGED,
    offset: placed.get(keyOf(reference))!,
  });
  const files = new Map([["weight.bin", writeBlobFile(blobs)]]);
  return { program: mapBlobs(program, change), files };
}
