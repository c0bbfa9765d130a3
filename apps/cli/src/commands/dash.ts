/** `ane dash`: its flags and help. What it does is in dash-run.ts. */
import { buildCommand } from "@stricli/core";
import type { Context } from "../context.js";
import { integerFrom, text } from "../flag-parsers.js";
import { runNames } from "../run-folder.js";

export interface DashFlags {
  readonly web?: boolean;
  readonly port?: number;
  readonly host?: string;
  readonly once?: boolean;
  readonly ascii?: boolean;
}

export const dashCommand = buildCommand<DashFlags, [run?: string], Context>({
  loader: async () => (await import("./dash-run.js")).runDash,
  parameters: {
    flags: {
      web: {
        kind: "boolean",
        optional: true,
        withNegated: false,
        brief: "Show all runs in a browser instead, on this machine only",
      },
      port: {
        kind: "parsed",
        parse: integerFrom(0),
        optional: true,
        placeholder: "N",
        brief: "With --web: port, 0 = any that is free [8088]",
      },
      host: {
        kind: "parsed",
        parse: text,
        optional: true,
        placeholder: "ADDRESS",
        brief: "With --web: another address to listen on; its URL then has a token [127.0.0.1]",
      },
      once: {
        kind: "boolean",
        optional: true,
        withNegated: false,
        brief: "Print one picture as text and end, as without a terminal",
      },
      ascii: {
        kind: "boolean",
        optional: true,
        withNegated: false,
        brief: "Draw with ASCII characters alone, as where the locale is not UTF-8",
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
    brief: "Watch a run, also from another terminal or over ssh",
    customUsage: ["[FLAGS] [RUN]"],
    fullDescription: [
      "Shows a run that is being trained, or was: losses, numbers, where the time goes, samples, log.",
      "Leaving the view (q, Ctrl-C) never ends the run; ? lists the keys that ask it for something.",
      "",
      "Examples:",
      "  ane dash",
      "  ane dash runs/mine",
      "  ssh -t mac ane dash stories110m-20260102-090000",
      "  ane dash --web",
      "  ane dash --once > picture.txt",
    ].join("\n"),
  },
});
