/** Runs `ane eval`. */
import { evaluateLoss } from "@ane/llama-model";
import { embeddedDataset, openTokenFile } from "@ane/tokenizer-data";
import { type Context, userPath } from "../context.js";
import { UsageError } from "../errors.js";
import { openModel } from "../model-file.js";
import { namingFile } from "../naming.js";
import { openMatchingTokenizer } from "../tokenizer-file.js";
import type { EvalFlags } from "./eval.js";

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

export async function runEval(this: Context, flags: EvalFlags, model?: string): Promise<void> {
  const { config, parameters } = openModel(this, model, flags.init);
  const tokenizer =
    flags.tokenizer === undefined
      ? undefined
      : openMatchingTokenizer(this, flags.tokenizer, config);
  const path = flags.data === undefined ? embeddedDataset().validation : userPath(this, flags.data);
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
  const summary = {
    meanNll: result.meanNll,
    perplexity: Math.exp(result.meanNll),
    ...(bytes === undefined
      ? {}
      : { bitsPerByte: (result.meanNll * result.tokens) / Math.LN2 / bytes }),
    windows: result.windows,
    tokens: result.tokens,
    seq: seqLen,
    ms,
  };
  this.process.stdout.write(
    flags.json
      ? `${JSON.stringify(summary)}\n`
      : `loss ${summary.meanNll.toFixed(6)} nats per token   perplexity ${summary.perplexity.toFixed(3)}` +
          `${summary.bitsPerByte === undefined ? "" : `   ${summary.bitsPerByte.toFixed(4)} bits per byte`}` +
          `   ${result.windows} window${result.windows === 1 ? "" : "s"} of ${seqLen} in ${(ms / 1000).toFixed(1)} s\n`,
  );
}
