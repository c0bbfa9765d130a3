/** Runs `ane sample`. */
import { Decoder, generate } from "@ane/llama-model";
import { type Context, userPath } from "../context.js";
import { loadModel } from "../model-file.js";
import { openMatchingTokenizer } from "../tokenizer-file.js";
import type { SampleFlags } from "./sample.js";

export async function runSample(this: Context, flags: SampleFlags): Promise<void> {
  const { stdout, stderr } = this.process;
  const { config, parameters } = loadModel(userPath(this, flags.init));
  const tokenizer = openMatchingTokenizer(this, flags.tokenizer, config);
  const decoder = new Decoder(parameters);
  const text = tokenizer.decoder();
  const started = performance.now();
  let count = 0;
  const promptTokens = tokenizer.encode(flags.prompt, { bos: true, eos: false });
  text.push(promptTokens[0]!);
  for (const token of generate({
    decoder,
    promptTokens,
    steps: flags.steps,
    temperature: flags.temperature,
    topP: flags.topP,
    seed: flags.seed ?? Date.now(),
  })) {
    stdout.write(text.push(token));
    count++;
  }
  stdout.write(`${text.end()}\n`);
  if (!flags.quiet) {
    const seconds = (performance.now() - started) / 1000;
    stderr.write(`\n${count} tokens, ${(count / seconds).toFixed(1)} tokens/s\n`);
  }
}
