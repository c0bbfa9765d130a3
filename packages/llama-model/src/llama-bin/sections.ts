/**
 * What follows the header of a llama2.c file (export.py), section by section without gaps. Version 0 has the order of
 * `parameterLayout` with the RoPE tables before an untied classifier; versions 1 and 2 begin with all norms. In version 2
 * every matrix of every layer is its int8 elements, then its fp32 scales.
 */
import type { LlamaConfig } from "../config.js";
import { type ParameterEntry, parameterLayout, type TensorName } from "../layout.js";
import type { LlamaBinHeader } from "./header.js";

export type Section =
  | { readonly kind: "fp32"; readonly tensor: ParameterEntry; readonly bytes: number }
  | {
      readonly kind: "q80";
      readonly tensor: ParameterEntry;
      /** Elements of one matrix; the tensor holds one of each layer. */
      readonly matrix: number;
      readonly bytes: number;
    }
  | { readonly kind: "rotaryTables"; readonly bytes: number };

/** Order of versions 1 and 2; version 0 has the layout's. */
const NORMS_FIRST: readonly TensorName[] = [
  "attentionNorm",
  "ffnNorm",
  "finalNorm",
  "tokenEmbedding",
  "wq",
  "wk",
  "wv",
  "wo",
  "w1",
  "w2",
  "w3",
  "classifier",
];

/** All sections in the order of the file. */
export function sections({ version, config, groupSize }: LlamaBinHeader): readonly Section[] {
  const { entries } = parameterLayout(config);
  if (version === 0) {
    const all: Section[] = entries.map(fp32);
    const tables: Section = { kind: "rotaryTables", bytes: config.seqLen * config.headDim * 4 };
    all.splice(config.tiedEmbeddings ? all.length : all.length - 1, 0, tables);
    return all;
  }
  const inOrder = NORMS_FIRST.flatMap((name) => entries.filter((entry) => entry.name === name));
  return inOrder.map((entry) =>
    version === 2 && entry.decay ? q80(entry, config, groupSize) : fp32(entry),
  );
}

function fp32(tensor: ParameterEntry): Section {
  return { kind: "fp32", tensor, bytes: tensor.length * 4 };
}

function q80(tensor: ParameterEntry, { layers }: LlamaConfig, groupSize: number): Section {
  const matrix = tensor.perLayer ? tensor.length / layers : tensor.length;
  return { kind: "q80", tensor, matrix, bytes: tensor.length + (tensor.length / groupSize) * 4 };
}
