/** The tokenizer that a command is to use, checked against the model where there is one. */
import { loadTokenizer, type Tokenizer } from "@ane/tokenizer-data";
import type { RunConfig } from "@ane/trainer";
import { type Context, userPath } from "./context.js";
import { UsageError } from "./errors.js";
import { namingFile } from "./naming.js";

/** @param path As given by the user; undefined for the Llama-2 vocabulary. */
export function openTokenizer(context: Context, path: string | undefined): Tokenizer {
  if (path === undefined) return loadTokenizer();
  return namingFile("--tokenizer", userPath(context, path), loadTokenizer);
}

export interface TokenizerRequest {
  /** With --tokenizer. */
  readonly given: string | undefined;
  /** That the model is of. */
  readonly run: RunConfig | undefined;
  /** Of the model. */
  readonly vocabSize: number;
  /** Does not say which one of a run it is. */
  readonly quiet: boolean;
}

/**
 * A model's tokenizer: the one that is given, or its run's own, or Llama 2's.
 * @throws UsageError where it cannot be read, or its vocabulary is not the model's
 */
export function openModelTokenizer(
  context: Context,
  { given, run, vocabSize, quiet }: TokenizerRequest,
): Tokenizer {
  const own = given === undefined ? (run?.execution.tokenizerPath ?? undefined) : undefined;
  const tokenizer = own === undefined ? openTokenizer(context, given) : openOwn(own);
  if (tokenizer.vocabSize !== vocabSize) {
    const rule = `must have the model's ${vocabSize} ids, got ${tokenizer.vocabSize}`;
    throw new UsageError(
      own === undefined
        ? `--tokenizer: the vocabulary ${rule} (${given ?? "the Llama-2 vocabulary, used by default"}). Give the tokenizer that belongs to the model.`
        : `--tokenizer: the run's own one ${rule} in ${own}. ${REMEDY}`,
    );
  }
  if (run && given === undefined && !quiet) {
    const which = own === undefined ? "the Llama-2 vocabulary" : `the run's own, ${own}`;
    context.process.stderr.write(`tokenizer: ${which}\n`);
  }
  return tokenizer;
}

const REMEDY = "Restore the file, or give the model's tokenizer with --tokenizer.";

function openOwn(path: string): Tokenizer {
  try {
    return namingFile("--tokenizer", path, loadTokenizer);
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    const reason = cause.message.slice("--tokenizer: ".length);
    throw new UsageError(
      `--tokenizer: the run's own one must be as it was, got ${reason} ${REMEDY}`,
      {
        cause,
      },
    );
  }
}
