/** `ane eval`: its flags and help. What it does is in eval-run.ts. */
import { buildCommand } from "@stricli/core";
import type { Context } from "../context.js";
import { describeAliases } from "../flag-aliases.js";
import { integerFrom, text } from "../flag-parsers.js";
import { modelArgument } from "./model-argument.js";

export interface EvalFlags {
  readonly init?: string;
  readonly tokenizer?: string;
  readonly data?: string;
  readonly seq?: number;
  readonly windows?: number;
  readonly json: boolean;
}

export const evalCommand = buildCommand<EvalFlags, [string?], Context>({
  loader: async () => (await import("./eval-run.js")).runEval,
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
          "tokenizer.bin or SentencePiece .model: checks that it fits the model, and adds bits per byte [the run's own]",
      },
      data: {
        kind: "parsed",
        parse: text,
        optional: true,
        placeholder: "FILE",
        brief:
          "Token file, or IDX file of labelled images [the run's own validation file, or the embedded validation stories]",
      },
      seq: {
        kind: "parsed",
        parse: integerFrom(1),
        optional: true,
        placeholder: "S",
        brief: "Tokens per window [the model's sequence length]",
      },
      windows: {
        kind: "parsed",
        parse: integerFrom(1),
        optional: true,
        placeholder: "N",
        brief: "Number of windows, from the start of the file [all]",
      },
      json: { kind: "boolean", default: false, withNegated: false, brief: "One JSON object" },
    },
    positional: modelArgument,
    aliases: { z: "tokenizer" },
  },
  docs: {
    brief: "Mean loss of a model on held-out data",
    customUsage: ["[FLAGS] [MODEL]"],
    fullDescription: [
      "Mean negative log-likelihood per token, in nats, in fp32: windows of S tokens in file order, targets shifted by",
      "one, no context across windows.",
      "",
      "A run of a model of your own layers gets the numbers of its evaluations in training, also of labelled images. The",
      "module is taken from where the run had it.",
      "",
      "Examples:",
      "  ane eval stories15M.bin",
      "  ane eval stories260K.bin -z tok512.bin --data stories.tok512.bin --json",
      "  ane eval runs/mine --windows 32",
      "",
      describeAliases("eval"),
    ].join("\n"),
  },
});
