/** The data of a run by its content: what the recipe stores, and what a resumed run must find again. */

import { OptionError } from "./errors.js";
import { openImages } from "./image-file.js";
import { identifyTokens, type Split } from "./input-files.js";
import { isImageModel, type ModelRecord, textModel } from "./model-record.js";
import { EMBEDDED } from "./run-config.js";

export interface DataIdentity {
  readonly sha256: string;
  /** Tokens, or images. */
  readonly tokens: number;
}

/** @throws OptionError naming the option, if the data cannot be used */
export function identifyData(
  split: Split,
  stored: string,
  model: ModelRecord,
  seq: number,
): DataIdentity {
  if (!isImageModel(model)) return identifyTokens(split, stored, textModel(model), seq);
  if (stored === EMBEDDED) {
    throw new OptionError(
      split,
      `must be given for ${model.name}, which is trained on images, got the embedded stories. Give an IDX file, as MNIST has them.`,
    );
  }
  const { count, sha256 } = openImages(split, stored, model);
  return { sha256, tokens: count };
}

/** Windows of text, or batches of images, that an evaluation can take. */
export function evaluationWindows(
  model: ModelRecord,
  { tokens }: DataIdentity,
  seq: number,
): number {
  return isImageModel(model) ? Math.floor(tokens / seq) : Math.floor((tokens - 1) / seq);
}
