/** The loss of a Llama on a token file, as `ane eval` asks for it. */
import { evaluateLoss, type Model } from "@ane/llama-model";
import { openTokenFile, type Tokenizer } from "@ane/tokenizer-data";
import { UsageError } from "../errors.js";
import { namingFile } from "../naming.js";
import type { EvalFlags } from "./eval.js";
import type { EvalSummary } from "./eval-summary.js";

/** @param path Of the token file. @param tokenizer That made it, if it is known. @throws UsageError */
export function evaluateLlama(
  { config, parameters }: Model,
  path: string,
  tokenizer: Tokenizer | undefined,
  flags: EvalFlags,
): EvalSummary {
  const { tokens } = namingFile("--data", path, () =>
    openTokenFile(path, { vocabSize: config.vocabSize }),
  );
  const seqLen = flags.seq ?? config.seqLen;
  expectWindows(tokens.length, seqLen, flags);
  const started = performance.now();
  const result = evaluateLoss(parameters, tokens, {
    seqLen,
    ...(flags.windows === undefined ? {} : { windows: flags.windows }),
  });
  const ms = performance.now() - started;
  const predicted = tokens.subarray(1, result.tokens + 1);
  const bytes = tokenizer && Buffer.byteLength(tokenizer.decode(predicted));
  return {
    meanNll: result.meanNll,
    perplexity: Math.exp(result.meanNll),
    ...(bytes && { bitsPerByte: (result.meanNll * result.tokens) / Math.LN2 / bytes }),
    windows: result.windows,
    tokens: result.tokens,
    seq: seqLen,
    ms,
  };
}

/** @throws UsageError where the data has not as much as is asked for */
function expectWindows(tokens: number, seqLen: number, { data, seq, windows }: EvalFlags): void {
  const available = Math.floor((tokens - 1) / seqLen);
  if (available < 1) {
    const flag = seq === undefined && data !== undefined ? "--data" : "--seq";
    throw new UsageError(
      `${flag}: the data must have a window of ${seqLen} tokens and the one after them, got ${tokens} tokens. Give more data or a smaller --seq.`,
    );
  }
  if (windows === undefined || windows <= available) return;
  throw new UsageError(
    `--windows: the data has ${available} windows of ${seqLen} tokens, got ${windows}. Leave it out for all.`,
  );
}
