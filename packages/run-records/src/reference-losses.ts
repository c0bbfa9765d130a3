/**
 * What others achieve on a run's held-out text, to hold a loss against: nats per token. Of the embedded stories, measured
 * with `benchmarks/quality/ngram.mjs` (interpolated Kneser-Ney n-grams of the training stories) and `ane eval` (the model that
 * the stories were sampled from, 256 tokens per window).
 */
import type { RunConfig } from "@ane/trainer";

export interface ReferenceLoss {
  readonly name: string;
  readonly loss: number;
}

/** The training stories of @ane/tokenizer-data. */
export const EMBEDDED_TRAIN_SHA256 =
  "8304f1eb4ff8f91661f76e3d88c1c6207009d96632de3b0696096bf314e91b3f";

const ON_EMBEDDED_STORIES: readonly ReferenceLoss[] = [
  { name: "unigram", loss: 5.931 },
  { name: "bigram", loss: 3.519 },
  { name: "5-gram", loss: 3.044 },
  { name: "stories15M", loss: 1.189 },
];

/** Descending; the first is a guess among all tokens, where the model has a vocabulary. */
export function referenceLosses({ recipe, execution }: RunConfig): ReferenceLoss[] {
  const { model, data } = recipe;
  const uniform =
    "vocabSize" in model ? [{ name: "uniform", loss: Math.log(model.vocabSize) }] : [];
  const isEmbedded =
    data.sha256 === EMBEDDED_TRAIN_SHA256 && execution.validationPath === "embedded";
  return isEmbedded ? [...uniform, ...ON_EMBEDDED_STORIES] : uniform;
}
