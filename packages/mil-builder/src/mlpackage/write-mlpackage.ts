/** Writing packages that Core ML compiles: X.mlpackage/{Manifest.json, Data/com.apple.CoreML/{model.mlmodel, weights/}}. */
import { randomUUID } from "node:crypto";
import { lstat, mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { byteSource, type FileBytes } from "../blob/byte-source.js";
import { ArgumentError } from "../errors.js";
import type { Program } from "../program.js";
import { encodeManifest } from "./manifest.js";
import { encodeModel, type ModelOptions } from "./model-codec.js";
import { placeWeights } from "./place-weights.js";

/** How a package is written. */
export interface WriteMlpackageOptions extends ModelOptions {
  /**
   * "separate" keeps the program's weight files one by one, "merged" writes the blobs it uses into one weight.bin, the layout
   * of coremltools. Default "separate". Constants that are written out in the program stay there, whatever their size
   * (coremltools moves those of 10 elements and more).
   */
  readonly weights?: "separate" | "merged";
}

/**
 * Writes a package. It appears at `directory` complete or not at all; equal arguments give equal files. Folders above it are
 * made as needed.
 * @param blobs weight files by the path that the program uses, as for `interpret`; others are left out
 * @param directory must end in ".mlpackage" and not exist
 * @throws ArgumentError if the directory exists, a weight is missing, or Core ML has no such model; FormatError if a weight
 * file cannot be read
 */
export async function writeMlpackage(
  program: Program,
  blobs: ReadonlyMap<string, FileBytes>,
  directory: string,
  options: WriteMlpackageOptions = {},
): Promise<void> {
  const target = resolve(directory);
  await checkTarget(target);
  const placed = placeWeights(program, blobs, options.weights ?? "separate");
  const model = encodeModel(placed.program, options);
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`);
  try {
    const data = join(temporary, "Data", "com.apple.CoreML");
    await mkdir(data, { recursive: true });
    await writeFile(join(data, "model.mlmodel"), model);
    if (placed.files.size > 0) await mkdir(join(data, "weights"));
    for (const [name, bytes] of placed.files) await writeFile(join(data, "weights", name), bytes);
    const manifest = encodeManifest(model, placed.files.size > 0);
    await writeFile(join(temporary, "Manifest.json"), new TextEncoder().encode(manifest));
    await checkTarget(target);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

async function checkTarget(target: string): Promise<void> {
  if (!target.endsWith(".mlpackage")) {
    throw new ArgumentError(
      `writeMlpackage: the directory's name ends in .mlpackage, got "${target}". Core ML knows packages by it.`,
    );
  }
  const exists = await lstat(target).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false;
      throw error;
    },
  );
  if (exists) {
    throw new ArgumentError(
      `writeMlpackage: the directory must not exist, got "${target}". Remove it or choose another.`,
    );
  }
}

/** Bytes that are copied at a time. */
const PIECE = 1 << 24;

async function writeFile(path: string, bytes: FileBytes): Promise<void> {
  const source = byteSource(bytes);
  const file = await open(path, "wx");
  try {
    for (let offset = 0; offset < source.byteLength; ) {
      const piece = source.read(offset, Math.min(PIECE, source.byteLength - offset));
      const { bytesWritten } = await file.write(piece);
      offset += bytesWritten;
    }
    await file.sync();
  } finally {
    await file.close();
  }
}
