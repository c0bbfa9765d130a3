/** Runs `ane eval`. */
import { evaluateLoss } from "@ane/llama-model";
import { embeddedDataset, openTokenFile } from "@ane/tokenizer-data";
import { type Context, userPath } from "../context.js";
import { loadModel } from "../model-file.js";
import { openMatchingTokenizer } from "../tokenizer-file.js";
import type { EvalFlags } from "./eval.js";

export async function runEval(this: Context, flags: EvalFlags): Promise<void> {
  const { config, parameters } = loadModel(userPath(this, flags.init));
  const tokenizer =
    flags.tokenizer === undefined
      ? undefined
      : openMatchingTokenizer(this, flags.tokenizer, config);
  const path = flags.data === undefined ? embeddedDataset().validation : userPath(this, flags.data);
  const { tokens } = openTokenFile(path, { vocabSize: config.vocabSize });
  const seqLen = flags.seq ?? config.seqLen;
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
          `   ${result.windows} windows of ${seqLen} in ${(ms / 1000).toFixed(1)} s\n`,
  );
}
