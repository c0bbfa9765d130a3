/**
 * The TinyStories models of llama2.c (README.md and doc/stories260K.md of karpathy/llama2.c), TinyLlama-1.1B and Qwen3-0.6B
 * (config.json of TinyLlama/TinyLlama-1.1B-Chat-v1.0 and Qwen/Qwen3-0.6B on Hugging Face). The official stories110M file
 * says seqLen 1024, the others' say 2048 and 40960; a run chooses its own.
 */
import type { LlamaConfig } from "./config.js";

const LLAMA2 = {
  normEps: 1e-5,
  ropeTheta: 10_000,
  tiedEmbeddings: true,
  qkNorm: false,
  logitSoftcap: 0,
} as const;

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
  "tinyllama-1.1b": {
    name: "tinyllama-1.1b",
    dim: 2048,
    hiddenDim: 5632,
    layers: 22,
    heads: 32,
    kvHeads: 4,
    headDim: 64,
    vocabSize: 32_000,
    seqLen: 256,
    normEps: 1e-5,
    ropeTheta: 10_000,
    tiedEmbeddings: false,
    qkNorm: false,
    logitSoftcap: 0,
  },
  "qwen3-0.6b": {
    name: "qwen3-0.6b",
    dim: 1024,
    hiddenDim: 3072,
    layers: 28,
    heads: 16,
    kvHeads: 8,
    headDim: 128,
    vocabSize: 151_936,
    seqLen: 256,
    normEps: 1e-6,
    ropeTheta: 1_000_000,
    tiedEmbeddings: true,
    qkNorm: true,
    logitSoftcap: 0,
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
