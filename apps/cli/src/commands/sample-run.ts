/** Runs `ane sample`. */
import { Decoder, generate } from "@ane/llama-model";
import type { Context } from "../context.js";
import { openModel } from "../model-file.js";
import { openMatchingTokenizer } from "../tokenizer-file.js";
import type { SampleFlags } from "./sample.js";

export async function runSample(this: Context, flags: SampleFlags, model?: string): Promise<void> {
  const { stdout, stderr } = this.process;
  const { config, parameters } = openModel(this, model, flags.init);
  const tokenizer = openMatchingTokenizer(this, flags.tokenizer, config);
  const decoder = new Decoder(parameters);
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
  for (const token of generate({ decoder, promptTokens, steps, temperature, topP, seed })) {
    write(text.push(token));
    count++;
  }
  write(text.end());
  const tokensPerSecond = (1000 * count) / (performance.now() - started);
  if (flags.json) {
    const { prompt } = flags;
    stdout.write(
      `${JSON.stringify({ model: config.name, prompt, text: written, tokens: count, seed, temperature, topP, tokensPerSecond })}\n`,
    );
    return;
  }
  stdout.write("\n");
  if (!flags.quiet) stderr.write(`\n${count} tokens, ${tokensPerSecond.toFixed(1)} tokens/s\n`);
}
