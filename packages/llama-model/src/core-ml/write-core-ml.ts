/** Exports a model as a Core ML package: one program, tokens int32 [1, S] to logits [1, S, V], with its weights in one file. */

import { toHalf } from "@ane/accel-ops";
import { type LanguageModelWeight, languageModel, writeBlobFile } from "@ane/mil-builder";
import { writeMlpackage } from "@ane/mil-builder/mlpackage";
import { InputError } from "../errors.js";
import { expectInHalfRange } from "../expect-in-half-range.js";
import { kernelConfig } from "../kernel-config.js";
import type { Parameters } from "../parameters.js";

/** How the program is made. */
export interface WriteCoreMLOptions {
  /** S: tokens of a sequence, a multiple of 32. Default: the configuration's. */
  readonly seqLen?: number;
  /** Of weights, activations and logits. Default "fp16". */
  readonly dtype?: "fp16" | "fp32";
}

/** Core ML of iOS 16 and macOS 13 on: the first with fp16 outputs. */
const OPSET = "ios16";

/**
 * @param path Must end in ".mlpackage" and not exist; it appears complete or not at all.
 * @throws InputError if a parameter does not fit into fp16; KernelConfigError for a sequence length that no kernel has;
 *   ArgumentError for the path; the system's error if it cannot be written.
 */
export async function writeCoreML(
  path: string,
  parameters: Parameters,
  { seqLen = parameters.config.seqLen, dtype = "fp16" }: WriteCoreMLOptions = {},
): Promise<void> {
  const { config } = parameters;
  const { name, layers, vocabSize, tiedEmbeddings, logitSoftcap } = config;
  const kernel = kernelConfig(config, { seqLen, dtype, opset: OPSET });
  const { program, weights, constants } = languageModel({
    ...kernel,
    layers,
    vocabSize,
    tiedEmbeddings,
    logitSoftcap,
  });
  if (dtype === "fp16") expectInHalfRange("writeCoreML", parameters);
  const files = new Map<string, Uint8Array>(constants);
  for (const weight of weights) {
    const values = elementsOf(weight, parameters);
    files.set(
      weight.path,
      writeBlobFile([{ dtype, data: dtype === "fp16" ? half(values) : values }]),
    );
  }
  const shortDescription = `${name}: logits of the next token at each of ${seqLen} positions`;
  const userDefined = { config: JSON.stringify({ ...config, seqLen }) };
  await writeMlpackage(program, files, path, {
    weights: "merged",
    metadata: { shortDescription, userDefined },
  });
}

function elementsOf({ tensor, layer }: LanguageModelWeight, parameters: Parameters): Float32Array {
  if (layer === undefined) return parameters.view(tensor);
  const values = parameters.layer(layer)[tensor as keyof ReturnType<Parameters["layer"]>];
  if (values) return values;
  throw new InputError(
    `writeCoreML: layer ${layer} must have the tensor ${tensor}, got none. Give parameters of the model's configuration.`,
  );
}

function half(values: Float32Array): Uint16Array {
  const halves = new Uint16Array(values.length);
  toHalf(values, halves);
  return halves;
}
