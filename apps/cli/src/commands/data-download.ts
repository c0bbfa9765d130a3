/** `ane data download`: its flags and help. What it does is in data-download-run.ts. */
import { buildCommand } from "@stricli/core";
import type { Context } from "../context.js";
import { CATALOGUE } from "../download/catalogue.js";
import { text } from "../flag-parsers.js";

export interface DataDownloadFlags {
  readonly out?: string;
  readonly url?: string;
  readonly list: boolean;
  readonly force: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

export const downloadCommand = buildCommand<DataDownloadFlags, string[], Context>({
  loader: async () => (await import("./data-download-run.js")).runDataDownload,
  parameters: {
    flags: {
      out: {
        kind: "parsed",
        parse: text,
        optional: true,
        placeholder: "DIR",
        brief: "Folder for the files [this one]",
      },
      url: {
        kind: "parsed",
        parse: text,
        optional: true,
        placeholder: "URL",
        brief: "Take the one file from there, such as a mirror; it must have the same SHA-256",
      },
      list: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Say what there is, and fetch nothing",
      },
      force: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Replace a file of that name which is another",
      },
      json: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "One JSON object per file on standard output",
      },
      quiet: { kind: "boolean", default: false, withNegated: false, brief: "No progress" },
    },
    positional: {
      kind: "array",
      parameter: {
        parse: text,
        placeholder: "NAME",
        brief: "Files of the list",
        proposeCompletions: () => CATALOGUE.map(({ name }) => name),
      },
    },
  },
  docs: {
    brief: "Fetch models, tokenizers and texts by name",
    fullDescription: [
      "Nothing is fetched unless it is named. A download that broke off goes on where it was; every file is compared with its",
      "SHA-256 before it gets its name.",
      "",
      "Names:",
      ...CATALOGUE.map(({ name, about }) => `  ${name.padEnd(30)}${about}`),
      "",
      "Examples:",
      "  ane data download --list",
      "  ane data download stories15M.bin --out models",
      "  ane data download TinyStoriesV2-GPT4-valid.txt &&",
      "  ane data tokenize TinyStoriesV2-GPT4-valid.txt valid.bin",
    ].join("\n"),
  },
});
