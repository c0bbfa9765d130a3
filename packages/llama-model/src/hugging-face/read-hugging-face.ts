/**
 * Imports a Hugging Face model folder: config.json with model.safetensors, or with the shards that
 * model.safetensors.index.json names. Tensors are read one at a time into the arena.
 */
import { basename, join, resolve } from "node:path";
import type { LlamaConfig } from "../config.js";
import { expectFinite } from "../expect-finite.js";
import { Parameters } from "../parameters.js";
import { PositionedFile } from "../positioned-file.js";
import { presetWithDims } from "../presets.js";
import { readConfigFile } from "./config-file.js";
import { decodeElements } from "./elements.js";
import { toInterleaved } from "./half-split.js";
import { locateTensors } from "./locate-tensors.js";
import type { ElementType, StoredTensor } from "./safetensors.js";
import { expectFile, shardsOf } from "./shards.js";
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

/**
 * Reads a whole model; F16 and BF16 are widened to fp32, wq and wk become interleaved.
 * @throws FormatError naming the tensor that is missing, unknown, or of another shape or dtype than config.json demands,
 *   before anything is read; for a damaged file; for non-finite parameters. The system's error for unreadable files.
 */
export function readHuggingFace(
  folder: string,
  options: ReadHuggingFaceOptions = {},
): HuggingFaceModel {
  expectFile(folder, "config.json");
  const stored = readConfigFile(join(folder, "config.json"), basename(resolve(folder)));
  const config = { ...stored, name: presetWithDims(stored)?.name ?? stored.name };
  const shards = shardsOf(folder);
  for (const name of shards) expectFile(folder, name);
  const files = shards.map((name) => new PositionedFile(join(folder, name)));
  try {
    const tensors = namedTensors(config);
    const places = locateTensors(folder, files, tensors, config);
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
