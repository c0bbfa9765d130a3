/** `ane data info` and `ane data tokenize`: flags and help. What they do is in data-run.ts. */
import { buildCommand, buildRouteMap } from "@stricli/core";
import type { Context } from "../context.js";
import { integerFrom, text } from "../flag-parsers.js";
import { downloadCommand } from "./data-download.js";

export interface DataInfoFlags {
  readonly tokenizer?: string;
  readonly vocab?: number;
  readonly json: boolean;
}

export interface DataTokenizeFlags {
  readonly tokenizer?: string;
  readonly separator: string;
  readonly json: boolean;
  readonly quiet: boolean;
}

const tokenizer = {
  kind: "parsed",
  parse: text,
  optional: true,
  placeholder: "FILE",
  brief: "tokenizer.bin of llama2.c or a SentencePiece .model [the Llama-2 vocabulary]",
} as const;

const json = {
  kind: "boolean",
  default: false,
  withNegated: false,
  brief: "One JSON object on standard output",
} as const;

const infoCommand = buildCommand<DataInfoFlags, [string], Context>({
  loader: async () => (await import("./data-run.js")).runDataInfo,
  parameters: {
    flags: {
      tokenizer,
      vocab: {
        kind: "parsed",
        parse: integerFrom(1),
        optional: true,
        placeholder: "V",
        brief: "Vocabulary size that the ids must stay below [the tokenizer's]",
      },
      json,
    },
    aliases: { z: "tokenizer" },
    positional: {
      kind: "tuple",
      parameters: [{ parse: text, placeholder: "FILE", brief: "Token file" }],
    },
  },
  docs: {
    brief: "What a token file holds",
    fullDescription:
      "Counts tokens, documents and distinct ids, and shows how the text begins.\n\nExample:\n  ane data info stories.bin",
  },
});

const tokenizeCommand = buildCommand<DataTokenizeFlags, [string, string], Context>({
  loader: async () => (await import("./data-run.js")).runDataTokenize,
  parameters: {
    flags: {
      tokenizer,
      separator: {
        kind: "parsed",
        parse: text,
        default: "<|endoftext|>",
        brief: "Text between documents",
      },
      json,
      quiet: { kind: "boolean", default: false, withNegated: false, brief: "Say nothing" },
    },
    aliases: { z: "tokenizer" },
    positional: {
      kind: "tuple",
      parameters: [
        { parse: text, placeholder: "IN", brief: "UTF-8 text" },
        { parse: text, placeholder: "OUT", brief: "Token file to write; must not exist" },
      ],
    },
  },
  docs: {
    brief: "Turn a text into a token file",
    fullDescription:
      "Encodes each document after a BOS token into one flat little-endian file of token ids.\n\nExample:\n  ane data tokenize stories.txt stories.bin",
  },
});

export const dataCommands = buildRouteMap({
  routes: { download: downloadCommand, tokenize: tokenizeCommand, info: infoCommand },
  docs: { brief: "Fetch texts and models, make token files and look at them" },
});
