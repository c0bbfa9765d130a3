/** Finds the tensors that a configuration demands in the files of a model, and refuses what it does not know. Reads tables only. */
import { basename } from "node:path";
import type { LlamaConfig } from "../config.js";
import { FormatError } from "../errors.js";
import type { PositionedFile } from "../positioned-file.js";
import {
  ELEMENT_BYTES,
  type ElementType,
  readTensorTable,
  type StoredTensor,
} from "./safetensors.js";
import type { NamedTensor } from "./tensor-names.js";

const EMBEDDING = "model.embed_tokens.weight";
/** Some tied models have the embedding a second time. */
const TIED_COPY = "lm_head.weight";

/** Bytes that are compared at a time. */
const PIECE_BYTES = 1 << 24;

/** Tables that old exports carry and that follow from the configuration. */
const DERIVED = /\.rotary_emb\.inv_freq$/;

/** Where a tensor lies. */
export interface Place {
  readonly file: PositionedFile;
  readonly entry: StoredTensor;
}

/** @throws FormatError naming the tensor that is missing, unknown, there twice, or of another shape, dtype or size */
export function locateTensors(
  folder: string,
  files: readonly PositionedFile[],
  tensors: readonly NamedTensor[],
  config: LlamaConfig,
): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const file of files) {
    for (const [name, entry] of readTensorTable(file)) {
      const other = places.get(name);
      if (other) {
        throw new FormatError(
          file.path,
          `${file.path}: a tensor must be in one file, got "${name}" in ${basename(other.file.path)} too. Fetch the model again.`,
        );
      }
      places.set(name, { file, entry });
    }
  }
  for (const { name, shape } of tensors) {
    const place = places.get(name);
    if (!place) {
      throw new FormatError(
        folder,
        `${folder}: the model must have a tensor "${name}" of shape [${shape.join(", ")}], got none in ${files.map(({ path }) => basename(path)).join(", ")}. Fetch the whole model, with all its shards.`,
      );
    }
    checkTensor(place, shape);
  }
  const known = new Set(tensors.map(({ name }) => name));
  for (const [name, { file }] of places) {
    if (known.has(name) || DERIVED.test(name)) continue;
    if (config.tiedEmbeddings && name === TIED_COPY) {
      expectEqual(places.get(TIED_COPY)!, places.get(EMBEDDING)!);
      continue;
    }
    throw new FormatError(
      file.path,
      `${file.path}: a model of this config.json has no tensor "${name}". It would be left out of the maths, so this model cannot be imported.`,
    );
  }
  return places;
}

/** @throws FormatError for a classifier of its own, which a tied configuration would leave out */
function expectEqual(copy: Place, original: Place): void {
  if (copy.entry.dtype === original.entry.dtype && haveEqualBytes(copy, original)) return;
  throw new FormatError(
    copy.file.path,
    `${copy.file.path}: "${copy.entry.name}" must equal "${original.entry.name}", since config.json says tie_word_embeddings, got another. If the model has a classifier of its own, correct config.json.`,
  );
}

function haveEqualBytes(a: Place, b: Place): boolean {
  const length = a.entry.end - a.entry.start;
  if (b.entry.end - b.entry.start !== length) return false;
  const piece = ({ file, entry }: Place, at: number) => {
    const bytes = Buffer.alloc(Math.min(PIECE_BYTES, length - at));
    file.read(bytes, entry.start + at);
    return bytes;
  };
  for (let at = 0; at < length; at += PIECE_BYTES) {
    if (!piece(a, at).equals(piece(b, at))) return false;
  }
  return true;
}

function checkTensor({ file, entry }: Place, shape: readonly number[]): void {
  const { name, dtype } = entry;
  if (!(dtype in ELEMENT_BYTES)) {
    throw new FormatError(
      file.path,
      `${file.path}: tensor "${name}" must be one of ${Object.keys(ELEMENT_BYTES).join(", ")}, got ${dtype}. Convert the model first.`,
    );
  }
  if (entry.shape.join() !== shape.join()) {
    throw new FormatError(
      file.path,
      `${file.path}: tensor "${name}" must have shape [${shape.join(", ")}] by config.json, got [${entry.shape.join(", ")}]. The two files are of different models.`,
    );
  }
  const bytes = shape.reduce(
    (product, size) => product * size,
    ELEMENT_BYTES[dtype as ElementType],
  );
  if (entry.end - entry.start !== bytes) {
    throw new FormatError(
      file.path,
      `${file.path}: tensor "${name}" must have ${bytes} bytes, got ${entry.end - entry.start}. Fetch the file again.`,
    );
  }
}
