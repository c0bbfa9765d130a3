/** Runs `ane eval`. */
import { embeddedDataset, loadTokenizer, type Tokenizer } from "@ane/tokenizer-data";
import { EMBEDDED, type RunConfig } from "@ane/trainer";
import { type Context, userPath } from "../context.js";
import { UsageError } from "../errors.js";
import { modelPath, openModel } from "../model-file.js";
import { openModelTokenizer } from "../tokenizer-file.js";
import type { EvalFlags } from "./eval.js";
import { evaluateDefined } from "./eval-defined.js";
import { evaluateLlama } from "./eval-llama.js";
import { formatSummary } from "./eval-summary.js";

export async function runEval(this: Context, flags: EvalFlags, model?: string): Promise<void> {
  const { run, defined, llama } = await openModel(modelPath(this, model, flags.init));
  const text = defined ? defined.text : llama.config;
  if (!text && flags.tokenizer !== undefined) {
    throw new UsageError(
      `--tokenizer: must be left out for a model of images, got ${flags.tokenizer}.`,
    );
  }
  const path = heldOutPath(this, flags, run);
  const tokenizer = text && countingTokenizer(this, flags, run, text.vocabSize, path);
  const summary = defined
    ? evaluateDefined(
        defined,
        { validationPath: path, tokenizerPath: tokenizerPath(this, flags, run) },
        flags,
      )
    : evaluateLlama(
        llama,
        path === EMBEDDED ? embeddedDataset().validation : path,
        tokenizer,
        flags,
      );
  this.process.stdout.write(`${flags.json ? JSON.stringify(summary) : formatSummary(summary)}\n`);
}

/** Absolute, or "embedded": what is given, or what the run is evaluated on, or the embedded stories. */
function heldOutPath(context: Context, flags: EvalFlags, run: RunConfig | undefined): string {
  if (flags.data !== undefined) return userPath(context, flags.data);
  const own = run?.execution.validationPath ?? EMBEDDED;
  if (own !== EMBEDDED && !flags.json) {
    context.process.stderr.write(`data: the run's own, ${own}\n`);
  }
  return own;
}

/** The one that says how many bytes the tokens are, where one is known to be theirs. @throws UsageError */
function countingTokenizer(
  context: Context,
  flags: EvalFlags,
  run: RunConfig | undefined,
  vocabSize: number,
  path: string,
): Tokenizer | undefined {
  const isNamed = tokenizerPath(context, flags, run) !== null;
  const isEmbedded = run !== undefined && path === EMBEDDED;
  if (!isNamed && !(isEmbedded && loadTokenizer().vocabSize === vocabSize)) return undefined;
  return openModelTokenizer(context, { given: flags.tokenizer, run, vocabSize, quiet: flags.json });
}

/** Absolute; null where neither the command line nor the run names one. */
function tokenizerPath(
  context: Context,
  { tokenizer }: EvalFlags,
  run: RunConfig | undefined,
): string | null {
  if (tokenizer !== undefined) return userPath(context, tokenizer);
  return run?.execution.tokenizerPath ?? null;
}
