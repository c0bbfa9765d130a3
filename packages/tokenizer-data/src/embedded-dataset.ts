// The data set in data/: stories sampled from the public stories15M checkpoint (MIT), so that a first run needs no network.
// Made by tools/embedded-data/generate.mjs; data/manifest.json says how.

import { fileURLToPath } from "node:url";

/** Paths of two token files (uint16, BOS before each story) and what is in them. */
export interface EmbeddedDataset {
  readonly train: string;
  readonly validation: string;
  /** Ids are below this: the Llama-2 vocabulary of `loadTokenizer()`. */
  readonly vocabSize: number;
  readonly description: string;
}

/** The small data set shipped with this package. */
export function embeddedDataset(): EmbeddedDataset {
  const path = (name: string): string => fileURLToPath(new URL(`../data/${name}`, import.meta.url));
  return {
    train: path("stories.train.bin"),
    validation: path("stories.validation.bin"),
    vocabSize: 32000,
    description:
      "Short children's stories sampled from stories15M (karpathy/tinyllamas, MIT) at temperature 1, with Llama-2 token ids",
  };
}
