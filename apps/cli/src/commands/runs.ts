/** `ane runs`: its flags and help. What it does is in runs-run.ts. */
import { buildCommand, buildRouteMap } from "@stricli/core";
import type { Context } from "../context.js";
import { text } from "../flag-parsers.js";
import { runNames } from "../run-folder.js";

export interface RunsListFlags {
  readonly json: boolean;
}

const listCommand = buildCommand<RunsListFlags, [folder?: string], Context>({
  loader: async () => (await import("./runs-run.js")).runRunsList,
  parameters: {
    flags: {
      json: { kind: "boolean", default: false, withNegated: false, brief: "One JSON array" },
    },
    positional: {
      kind: "tuple",
      parameters: [
        { parse: text, optional: true, placeholder: "FOLDER", brief: "Folder of runs [runs]" },
      ],
    },
  },
  docs: {
    brief: "List runs, the newest first",
    customUsage: ["[FLAGS] [FOLDER]"],
    fullDescription: [
      "A run is running (a process works on it), finished, interrupted (saved, to be resumed), or dead (it ended without a",
      "word, by an error or a kill: resume it from its last checkpoint). The loss is a mean of the newest micro-steps.",
      "",
      "Examples:",
      "  ane runs",
      "  ane runs list /data/runs --json",
    ].join("\n"),
  },
});

export interface RunsExportFlags {
  readonly csv?: string;
  readonly tensorboard?: string;
  readonly json: boolean;
}

const exportCommand = buildCommand<RunsExportFlags, [run: string], Context>({
  loader: async () => (await import("./runs-run.js")).runRunsExport,
  parameters: {
    flags: {
      csv: {
        kind: "parsed",
        parse: text,
        optional: true,
        placeholder: "FILE",
        brief: "Write one row per micro-step; an existing file is replaced",
      },
      tensorboard: {
        kind: "parsed",
        parse: text,
        optional: true,
        placeholder: "DIR",
        brief: "Write a TensorBoard event file into this folder",
      },
      json: { kind: "boolean", default: false, withNegated: false, brief: "One JSON object" },
    },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: text,
          proposeCompletions: runNames,
          placeholder: "RUN",
          brief: "Folder of a run, or its name under runs/",
        },
      ],
    },
  },
  docs: {
    brief: "Write a run's record as CSV or for TensorBoard",
    fullDescription: [
      "Micro-steps that a resume from an older checkpoint made void are left out.",
      "",
      "Examples:",
      "  ane runs export stories110m-20261123-011500 --csv losses.csv",
      "  ane runs export runs/a --tensorboard board/a && tensorboard --logdir board",
    ].join("\n"),
  },
});

export const runsCommands = buildRouteMap({
  routes: { list: listCommand, export: exportCommand },
  defaultCommand: "list",
  docs: { brief: "List runs, and export what they recorded" },
});
