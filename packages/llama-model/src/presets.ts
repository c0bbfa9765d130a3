/**
 * The TinyStories models of llama2.c (README.md and doc/stories260K.md of karpathy/llama2.c). The official stories110M
 * file says seqLen 1024; training here uses 256 by default, which a run may override.
 */
import type { LlamaConfig } from "./config.js";

const LLAMA2 = { normEps: 1e-5, ropeTheta: 10_000, tiedEmbeddings: true } as const;

/** Known configurations by name. */
export const presets = {
  stories260k: {
    name: "stories260k",
    dim: 64,
    hiddenDim: 172,
    layers: 5,
    heads: 8,
    kvHeads: 4,
    headDim: 8,
    vocabSize: 512,
    seqLen: 512,
    ...LLAMA2,
  },
  stories15m: {
    name: "stories15m",
    dim: 288,
    hiddenDim: 768,
    layers: 6,
    heads: 6,
    kvHeads: 6,
    headDim: 48,
    vocabSize: 32_000,
    seqLen: 256,
    ...LLAMA2,
  },
  stories42m: {
    name: "stories42m",
    dim: 512,
    hiddenDim: 1376,
    layers: 8,
    heads: 8,
    kvHeads: 8,
    headDim: 64,
    vocabSize: 32_000,
    seqLen: 1024,
    ...LLAMA2,
  },
  stories110m: {
    name: "stories110m",
    dim: 768,
    hiddenDim: 2048,
    layers: 12,
    heads: 12,
    kvHeads: 12,
    headDim: 64,
    vocabSize: 32_000,
    seqLen: 256,
    ...LLAMA2,
  },
} as const satisfies Record<string, LlamaConfig>;

/** The preset with these dims (the sequence length may differ), if there is one. */
export function presetWithDims(config: LlamaConfig): LlamaConfig | undefined {
  return Object.values(presets).find((preset) =>
    (Object.keys(preset) as (keyof LlamaConfig)[]).every(
      (field) => field === "name" || field === "seqLen" || preset[field] === config[field],
    ),
  );
}
