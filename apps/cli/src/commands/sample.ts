/** `ane sample`: its flags and help, the short ones as in llama2.c's run. What it does is in sample-run.ts. */
import { buildCommand } from "@stricli/core";
import type { Context } from "../context.js";
import { describeAliases } from "../flag-aliases.js";
import { integerFrom, numberBetween, text } from "../flag-parsers.js";
import { modelArgument } from "./model-argument.js";

export interface SampleFlags {
  readonly init?: string;
  readonly tokenizer?: string;
  readonly temperature: number;
  readonly topP: number;
  readonly seed?: number;
  readonly steps: number;
  readonly prompt: string;
  readonly quiet: boolean;
  readonly json: boolean;
}

export const sampleCommand = buildCommand<SampleFlags, [string?], Context>({
  loader: async () => (await import("./sample-run.js")).runSample,
  parameters: {
    flags: {
      init: {
        kind: "parsed",
        parse: text,
        optional: true,
        placeholder: "MODEL",
        brief: "The same as MODEL",
      },
      tokenizer: {
        kind: "parsed",
        parse: text,
        optional: true,
        placeholder: "FILE",
        brief:
          "tokenizer.bin or SentencePiece .model of the model [the run's own, or the Llama-2 vocabulary]",
      },
      temperature: {
        kind: "parsed",
        parse: numberBetween(0),
        default: "1",
        brief: "0 takes the likeliest token each time",
      },
      topP: {
        kind: "parsed",
        parse: numberBetween(0, 1),
        default: "0.9",
        brief: "Sample from the likeliest tokens that add up to this; 0 or 1 = all",
      },
      seed: {
        kind: "parsed",
        parse: integerFrom(1),
        optional: true,
        brief: "Seed of the sampler [the time]",
      },
      steps: {
        kind: "parsed",
        parse: integerFrom(0),
        default: "256",
        placeholder: "N",
        brief: "Tokens at the most, 0 = the model's sequence length",
      },
      prompt: { kind: "parsed", parse: String, default: "", brief: "Text to go on from" },
      quiet: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "The text alone, without the speed",
      },
      json: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "One JSON object with the text, the seed and the speed",
      },
    },
    positional: modelArgument,
    aliases: {
      t: "temperature",
      p: "topP",
      s: "seed",
      n: "steps",
      i: "prompt",
      z: "tokenizer",
      q: "quiet",
    },
  },
  docs: {
    brief: "Write text with a model",
    customUsage: ["[FLAGS] [MODEL]"],
    fullDescription: [
      "Writes text, token by token, in fp32 with a key/value cache. Flags and sampler are those of llama2.c's run.",
      "A run of a model of your own layers writes, too, if it is one of text in which no position sees a later one: up to",
      "the length of its window.",
      "",
      "Examples:",
      "  ane sample stories15M.bin",
      '  ane sample stories15M.bin -t 0.8 -p 0.9 -s 7 -i "Once upon a time"',
      "  ane sample stories260K.bin -z tok512.bin -t 0 -n 256 --quiet",
      "  ane sample runs/mine --json",
      "",
      describeAliases("sample"),
    ].join("\n"),
  },
});
