/** `ane report`: its flags and help. What it does is in report-run.ts. */
import { buildCommand } from "@stricli/core";
import type { Context } from "../context.js";
import { text } from "../flag-parsers.js";
import { runNames } from "../run-folder.js";

export interface ReportFlags {
  readonly html?: string;
  readonly md?: string;
  readonly json: boolean;
}

export const reportCommand = buildCommand<ReportFlags, [run?: string], Context>({
  loader: async () => (await import("./report-run.js")).runReport,
  parameters: {
    flags: {
      html: {
        kind: "parsed",
        parse: text,
        optional: true,
        placeholder: "FILE",
        brief: "Write one HTML file that needs nothing else",
      },
      md: {
        kind: "parsed",
        parse: text,
        optional: true,
        placeholder: "FILE",
        brief: "Write Markdown, and its picture beside it (.svg)",
      },
      json: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "One JSON object: configuration, numbers and samples",
      },
    },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: text,
          proposeCompletions: runNames,
          optional: true,
          placeholder: "RUN",
          brief: "Folder of a run, or its name under runs/ [the newest]",
        },
      ],
    },
  },
  docs: {
    brief: "A run on one page: results, curve, times, machine, settings, samples",
    customUsage: ["[FLAGS] [RUN]"],
    fullDescription: [
      "Without --html and --md the page is printed as Markdown, without the curve. Existing files are replaced.",
      "",
      "Examples:",
      "  ane report",
      "  ane report stories110m-20261123-011500 --html report.html",
      "  ane report runs/a --md docs/a.md",
    ].join("\n"),
  },
});
