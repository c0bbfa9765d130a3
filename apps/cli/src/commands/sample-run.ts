/** Runs `ane sample`. */
import { Decoder, generate } from "@ane/llama-model";
import type { WritingOptions } from "@ane/trainer";
import type { Context } from "../context.js";
import { UsageError } from "../errors.js";
import { modelPath, type OpenedModel, openModel } from "../model-file.js";
import { openModelTokenizer } from "../tokenizer-file.js";
import type { SampleFlags } from "./sample.js";

export async function runSample(this: Context, flags: SampleFlags, model?: string): Promise<void> {
  const { stdout, stderr } = this.process;
  const given = modelPath(this, model, flags.init);
  const opened = await openModel(given);
  const refusal = opened.defined?.textRefusal();
  if (refusal !== undefined) {
    throw new UsageError(`${given.name}: ${refusal}. \`ane eval\` takes it.`);
  }
  const { name, vocabSize } = opened.defined?.text ?? opened.llama!.config;
  const quiet = flags.quiet || flags.json;
  const request = { given: flags.tokenizer, run: opened.run, vocabSize, quiet };
  const tokenizer = openModelTokenizer(this, request);
  const text = tokenizer.decoder();
  const seed = flags.seed ?? Date.now();
  const started = performance.now();
  let written = "";
  let count = 0;
  const write = (part: string) => {
    written += part;
    if (!flags.json) stdout.write(part);
  };
  const promptTokens = tokenizer.encode(flags.prompt, { bos: true, eos: false });
  text.push(promptTokens[0]!);
  const { steps, temperature, topP } = flags;
  for (const token of tokens(opened, { promptTokens, steps, temperature, topP, seed })) {
    write(text.push(token));
    count++;
  }
  write(text.end());
  const tokensPerSecond = (1000 * count) / (performance.now() - started);
  if (flags.json) {
    const { prompt } = flags;
    stdout.write(
      `${JSON.stringify({ model: name, prompt, text: written, tokens: count, seed, temperature, topP, tokensPerSecond })}\n`,
    );
    return;
  }
  stdout.write("\n");
  if (!flags.quiet) stderr.write(`\n${count} tokens, ${tokensPerSecond.toFixed(1)} tokens/s\n`);
}

function tokens({ defined, llama }: OpenedModel, options: WritingOptions): Generator<number> {
  return defined
    ? defined.write(options)
    : generate({ ...options, decoder: new Decoder(llama.parameters) });
}
