/** Exports a Hugging Face model folder, config.json and model.safetensors, that transformers loads as it is. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expectInHalfRange } from "../expect-in-half-range.js";
import type { Parameters } from "../parameters.js";
import { replaceFile } from "../replace-file.js";
import { formatConfigFile } from "./config-file.js";
import { encodeElements } from "./elements.js";
import { toHalfSplit } from "./half-split.js";
import { type ElementType, formatTensorTable } from "./safetensors.js";
import { namedTensors } from "./tensor-names.js";

/** How the parameters are stored. */
export interface WriteHuggingFaceOptions {
  /** Default "F32", which loses nothing. */
  readonly dtype?: ElementType;
}

const TORCH_DTYPES: Record<ElementType, string> = {
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
};

/**
 * Makes the folder if need be; each file is replaced as a whole or not at all, the configuration last.
 * @throws ConfigError for a model that transformers would compute otherwise; InputError if a parameter does not fit into F16; the system's error if the folder cannot be written.
 */
export function writeHuggingFace(
  folder: string,
  parameters: Parameters,
  { dtype = "F32" }: WriteHuggingFaceOptions = {},
): void {
  if (dtype === "F16") expectInHalfRange("writeHuggingFace", parameters);
  const config = formatConfigFile(parameters.config, TORCH_DTYPES[dtype]);
  mkdirSync(folder, { recursive: true });
  replaceFile(join(folder, "model.safetensors"), parts(parameters, dtype));
  replaceFile(join(folder, "config.json"), [Buffer.from(config)]);
}

function* parts(parameters: Parameters, dtype: ElementType): Generator<Uint8Array> {
  const { headDim } = parameters.config;
  const tensors = namedTensors(parameters.config);
  yield formatTensorTable(tensors, dtype, { format: "pt" });
  for (const { splitHeads, view } of tensors) {
    const values = view(parameters);
    yield encodeElements(splitHeads > 0 ? toHalfSplit(values, splitHeads, headDim) : values, dtype);
  }
}
