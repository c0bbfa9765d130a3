/** Reading packages: the program of an ML program model, with its weight files. */
import { readFile, stat } from "node:fs/promises";
import { join, posix } from "node:path";
import { openBlobFile } from "../blob/read-blob-file.js";
import { FormatError } from "../errors.js";
import type { BlobReference } from "../program.js";
import { formatType } from "../tensor-type.js";
import { decodeManifest, isInside } from "./manifest.js";
import { blobReferences } from "./map-blobs.js";
import { type DecodedModel, decodeModel } from "./model-codec.js";
import { packageError } from "./package-error.js";
import { compareBlob } from "./place-weights.js";

/** What a package holds. */
export interface Mlpackage extends DecodedModel {
  /** Weight files by the path that the program uses, as `interpret` takes them. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
}

/**
 * Reads a package: the inverse of `writeMlpackage`. Types are not compared with what ops infer; `verify` does that.
 * @throws FormatError (ERR_MLPACKAGE) with `path` and `field` if it is cut, of another kind, or at odds with itself
 */
export async function readMlpackage(directory: string): Promise<Mlpackage> {
  const manifest = await readPart(directory, "Manifest.json");
  const { model, items } = decodeManifest(new TextDecoder().decode(manifest));
  for (const item of items) await expectPart(directory, posix.join("Data", item));
  const path = posix.join("Data", model);
  const decoded = decodeModel(await readPart(directory, path));
  const blobs = new Map<string, Uint8Array>();
  for (const reference of blobReferences(decoded.program)) {
    const file = weightPath(path, reference);
    const bytes = blobs.get(reference.path) ?? (await readPart(directory, file));
    blobs.set(reference.path, bytes);
    checkBlob(file, bytes, reference);
  }
  return { ...decoded, blobs };
}

/** "@model_path" is the folder of the model. */
function weightPath(model: string, { path }: BlobReference): string {
  const prefix = "@model_path/";
  const rest = path.startsWith(prefix) ? path.slice(prefix.length) : "";
  if (isInside(rest)) return posix.join(posix.dirname(model), rest);
  throw packageError({
    path: model,
    field: "blobFileValue.fileName",
    rule: "weight files are below @model_path/",
    actual: `"${path}"`,
  });
}

function checkBlob(path: string, bytes: Uint8Array, reference: BlobReference): void {
  const problem = {
    path,
    field: `blob at ${reference.offset}`,
    rule: `the program's ${formatType(reference.type)}`,
  };
  let mismatch: string | undefined;
  try {
    mismatch = compareBlob(openBlobFile(bytes, { mode: "lenient" }), reference);
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw packageError({ ...problem, actual: cause.message, cause });
  }
  if (mismatch !== undefined) throw packageError({ ...problem, actual: mismatch });
}

async function readPart(directory: string, path: string): Promise<Uint8Array> {
  await expectPart(directory, path);
  try {
    const { buffer, byteOffset, byteLength } = await readFile(join(directory, path));
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (cause) {
    throw packageError({ path, rule: "a file", actual: String(cause), cause });
  }
}

async function expectPart(directory: string, path: string): Promise<void> {
  try {
    await stat(join(directory, path));
  } catch (cause) {
    const actual = `none in ${directory}`;
    throw packageError({ path, rule: "the package has this part", actual, cause });
  }
}
