/**
 * Imports a Hugging Face model folder: config.json with model.safetensors, or with the shards that
 * model.safetensors.index.json names. Tensors are read one at a time into the arena.
 */
import { existsSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { LlamaConfig } from "../config.js";
import { FormatError } from "../errors.js";
import { expectFinite } from "../expect-finite.js";
import { Parameters } from "../parameters.js";
import { PositionedFile } from "../positioned-file.js";
import { presetWithDims } from "../presets.js";
import { readConfigFile } from "./config-file.js";
import { decodeElements } from "./elements.js";
import { toInterleaved } from "./half-split.js";
import {
  ELEMENT_BYTES,
  type ElementType,
  readTensorTable,
  type StoredTensor,
} from "./safetensors.js";
import { type NamedTensor, namedTensors } from "./tensor-names.js";

/** What a model folder holds. */
export interface HuggingFaceModel {
  /** Named after the preset with the same dims, otherwise after the folder. */
  readonly config: LlamaConfig;
  readonly parameters: Parameters;
}

/** Where the parameters are read to. */
export interface ReadHuggingFaceOptions {
  /** Gives the arena to read into, `parameterLayout(config).total` elements; by default new memory. */
  readonly allocate?: (config: LlamaConfig) => Float32Array;
}

const INDEX = "model.safetensors.index.json";
const SINGLE = "model.safetensors";

/** Tables that old exports carry and that follow from the configuration. */
const DERIVED = /\.rotary_emb\.inv_freq$/;

/**
 * Reads a whole model; F16 and BF16 are widened to fp32, wq and wk become interleaved.
 * @throws FormatError naming the tensor that is missing, unknown, or of another shape or dtype than config.json demands,
 *   before anything is read; for a damaged file; for non-finite parameters. The system's error for unreadable files.
 */
export function readHuggingFace(
  folder: string,
  options: ReadHuggingFaceOptions = {},
): HuggingFaceModel {
  const stored = readConfigFile(join(folder, "config.json"), basename(resolve(folder)));
  const config = { ...stored, name: presetWithDims(stored)?.name ?? stored.name };
  const files = shardsOf(folder).map((name) => new PositionedFile(join(folder, name)));
  try {
    const tensors = namedTensors(config);
    const places = locate(folder, files, tensors, config);
    const parameters = new Parameters(config, options.allocate?.(config));
    for (const tensor of tensors) {
      const { file, entry } = places.get(tensor.name)!;
      readTensor(file, entry, tensor, config.headDim, tensor.view(parameters));
    }
    expectFinite(folder, parameters);
    return { config: parameters.config, parameters };
  } finally {
    for (const file of files) file[Symbol.dispose]();
  }
}

function shardsOf(folder: string): string[] {
  const index = join(folder, INDEX);
  if (!existsSync(index)) return [SINGLE];
  try {
    const { weight_map: map } = JSON.parse(readFileSync(index, "utf8")) as {
      weight_map: Record<string, string>;
    };
    return [...new Set(Object.values(map))];
  } catch (cause) {
    throw new FormatError(
      index,
      `${index}: the index must be JSON with a weight_map, got ${(cause as Error).message}. Fetch the file again.`,
      { cause },
    );
  }
}

interface Place {
  readonly file: PositionedFile;
  readonly entry: StoredTensor;
}

/** Finds every tensor and checks it, before any data is read. */
function locate(
  folder: string,
  files: readonly PositionedFile[],
  tensors: readonly NamedTensor[],
  config: LlamaConfig,
): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const file of files) {
    for (const [name, entry] of readTensorTable(file)) places.set(name, { file, entry });
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
    const isTiedCopy = config.tiedEmbeddings && name === "lm_head.weight";
    if (known.has(name) || isTiedCopy || DERIVED.test(name)) continue;
    throw new FormatError(
      file.path,
      `${file.path}: a model of this config.json has no tensor "${name}". It would be left out of the maths, so this model cannot be imported.`,
    );
  }
  return places;
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

function readTensor(
  file: PositionedFile,
  { dtype, start, end }: StoredTensor,
  { splitHeads }: NamedTensor,
  headDim: number,
  target: Float32Array,
): void {
  const bytes = new Uint8Array(end - start);
  file.read(bytes, start);
  decodeElements(bytes, dtype as ElementType, target);
  if (splitHeads > 0) target.set(toInterleaved(target, splitHeads, headDim));
}
