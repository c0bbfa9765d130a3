/** `ane info`: its flags and help. What it does is in info-run.ts. */
import { buildCommand } from "@stricli/core";
import type { Context } from "../context.js";
import { text } from "../flag-parsers.js";

export interface InfoFlags {
  readonly check: boolean;
  readonly tokenizer?: string;
  readonly all: boolean;
  readonly json: boolean;
}

export const infoCommand = buildCommand<InfoFlags, [string], Context>({
  loader: async () => (await import("./info-run.js")).runInfo,
  parameters: {
    flags: {
      check: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Read all of it: digests, and whether every parameter is finite",
      },
      tokenizer: {
        kind: "parsed",
        parse: text,
        optional: true,
        placeholder: "FILE",
        brief: "tokenizer.bin or SentencePiece .model of a token file [the Llama-2 vocabulary]",
      },
      all: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "List every tensor, not the first ones",
      },
      json: { kind: "boolean", default: false, withNegated: false, brief: "One JSON object" },
    },
    aliases: { z: "tokenizer" },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: text,
          placeholder: "FILE",
          brief: "Any file or folder, or a run's name under runs/",
        },
      ],
    },
  },
  docs: {
    brief: "What a file is, and whether it is in order",
    fullDescription: [
      "Recognizes by content, not by name: checkpoints and folders of runs, llama2.c models of all versions, Hugging Face folders,",
      "safetensors, token files, tokenizers, weight files, MIL programs, Core ML packages. Prints dims, dtypes and checks.",
      "Exit status 1 if a check fails or nothing is recognized.",
      "",
      "Examples:",
      "  ane info stories15M.bin",
      "  ane info runs/mine --check",
      "  ane info model.safetensors --all --json",
    ].join("\n"),
  },
});
