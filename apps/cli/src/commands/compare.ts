/** `ane compare`: its flags and help. What it does is in compare-run.ts. */
import { buildCommand } from "@stricli/core";
import type { Context } from "../context.js";
import { text } from "../flag-parsers.js";
import { runNames } from "../run-folder.js";

export interface CompareFlags {
  readonly svg?: string;
  readonly ascii: boolean;
  readonly json: boolean;
}

export const compareCommand = buildCommand<CompareFlags, string[], Context>({
  loader: async () => (await import("./compare-run.js")).runCompare,
  parameters: {
    flags: {
      svg: {
        kind: "parsed",
        parse: text,
        optional: true,
        placeholder: "FILE",
        brief: "Also write the curves as an SVG picture",
      },
      ascii: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Draw with ASCII characters alone, as where the locale is not UTF-8",
      },
      json: { kind: "boolean", default: false, withNegated: false, brief: "One JSON object" },
    },
    positional: {
      kind: "array",
      minimum: 2,
      maximum: 6,
      parameter: {
        parse: text,
        proposeCompletions: runNames,
        placeholder: "RUN",
        brief: "Folders of two to six runs, or their names under runs/",
      },
    },
  },
  docs: {
    brief: "Curves, results and settings of runs beside each other",
    fullDescription: [
      "Overlays the smoothed training losses and the losses on held-out text, then prints the results and those settings",
      "that are not the same in all runs.",
      "",
      "Examples:",
      "  ane compare baseline higher-lr",
      "  ane compare runs/a runs/b runs/c --svg compare.svg",
      "  ane compare a b --json",
    ].join("\n"),
  },
});
