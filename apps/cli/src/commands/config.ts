/** `ane config show`: its flags and help. What it does is in config-run.ts. */
import { buildCommand, buildRouteMap } from "@stricli/core";
import type { Context } from "../context.js";
import { runNames } from "../run-folder.js";
import { type TrainFlags, trainFlags } from "./train-flags.js";

const showCommand = buildCommand<TrainFlags, [string?], Context>({
  loader: async () => (await import("./config-run.js")).runConfigShow,
  parameters: {
    flags: trainFlags,
    aliases: { c: "config" },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: String,
          proposeCompletions: runNames,
          optional: true,
          placeholder: "RUN",
          brief: "A run's folder, or its name under runs/, in place of flags",
        },
      ],
    },
  },
  docs: {
    brief: "All options of a run, and where each value comes from",
    customUsage: ["[FLAGS] [RUN]"],
    fullDescription: [
      "With a run, what it was started with; without, what `ane train` would do with the same flags: nothing is written.",
      "A flag goes before --set, --set before the configuration file, the file before the defaults.",
      "",
      'A configuration file holds the flags of `ane train` by name, as lr = 1e-3 in run.toml, { "lr": 1e-3 } in run.json,',
      "or export default { lr: 1e-3 } in run.mjs; min-lr, minLr and min_lr are the same. Paths are relative to the file.",
      "",
      "Examples:",
      "  ane config show runs/mine",
      "  ane config show --config run.toml --set lr=5e-4 --accum 16",
      "  ane config show --model stories15m --json",
    ].join("\n"),
  },
});

export const configCommands = buildRouteMap({
  routes: { show: showCommand },
  docs: { brief: "What a run is told" },
});
