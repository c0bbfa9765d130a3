/** The loss of a model that a module defines, as `ane eval` asks for it: what an evaluation in training gives. */
import type { DefinedRun, HeldOutOptions } from "@ane/trainer";
import { UsageError } from "../errors.js";
import { namingOptions } from "../naming.js";
import type { EvalFlags } from "./eval.js";
import type { EvalSummary } from "./eval-summary.js";

const FLAGS = { validation: "--data", evalWindows: "--windows", tokenizer: "--tokenizer" };

/** @throws UsageError where the data is not the model's, or has not as much as is asked for */
export function evaluateDefined(
  run: DefinedRun,
  heldOut: Omit<HeldOutOptions, "evalWindows">,
  { seq, windows: evalWindows = 0 }: EvalFlags,
): EvalSummary {
  const { name, seqLen } = run.model;
  if (seq !== undefined && seq !== seqLen) {
    throw new UsageError(
      `--seq: must be the ${seqLen} of ${name}, whose module says it, got ${seq}. Leave it out.`,
    );
  }
  const { meanNll, windows, accuracy, bitsPerByte, ms } = namingOptions(FLAGS, () =>
    run.evaluate({ ...heldOut, evalWindows }),
  );
  const targets = windows * seqLen;
  if (!run.text)
    return { meanNll, accuracy: accuracy!, windows, images: targets, batch: seqLen, ms };
  const bits = bitsPerByte !== undefined && { bitsPerByte };
  const perplexity = Math.exp(meanNll);
  return { meanNll, perplexity, ...bits, windows, tokens: targets, seq: seqLen, ms };
}
