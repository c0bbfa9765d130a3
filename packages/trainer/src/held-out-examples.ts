/** What an evaluation takes: windows of the validation text that follow each other, or its images, from the start. */
import { fileDigest } from "./file-digest.js";
import { imageBatch, openImages } from "./image-file.js";
import { openTokens } from "./input-files.js";
import { isImageModel, textModel } from "./model-record.js";
import type { Execution, Recipe } from "./run-config.js";
import { textBytes } from "./run-tokenizer.js";
import type { Example } from "./training-data.js";

export interface HeldOut {
  readonly examples: readonly Example[];
  /** Of the files, in hexadecimal. */
  readonly sha256: string;
  /** Of the text in UTF-8; undefined where nothing says which tokenizer made its tokens. */
  readonly bytes?: number | undefined;
}

/** None where the run has no validation file. @throws OptionError if the file is no longer usable */
export function heldOutExamples(recipe: Recipe, execution: Execution): HeldOut {
  const { model, seq } = recipe;
  const { validationPath, evalWindows } = execution;
  if (validationPath === null) return { examples: [], sha256: "" };
  const count = (available: number) => Math.min(evalWindows || available, available);
  if (isImageModel(model)) {
    const file = openImages("validation", validationPath, model);
    const examples = Array.from({ length: count(Math.floor(file.count / seq)) }, (_, i) => {
      const chosen = Array.from({ length: seq }, (_, n) => i * seq + n);
      return { start: i * seq, ...imageBatch(file, chosen, model.input) };
    });
    return { examples, sha256: file.sha256 };
  }
  using file = openTokens("validation", validationPath, textModel(model), seq);
  const { tokens } = file;
  const examples = Array.from({ length: count(Math.floor((file.length - 1) / seq)) }, (_, i) => ({
    start: i * seq,
    inputs: tokens.slice(i * seq, (i + 1) * seq),
    targets: tokens.slice(i * seq + 1, (i + 1) * seq + 1),
  }));
  const predicted = tokens.subarray(1, examples.length * seq + 1);
  const bytes = textBytes({ recipe, execution }, predicted);
  return { examples, sha256: fileDigest(file.path), bytes };
}
