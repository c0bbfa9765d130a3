/** The command line as a table: which commands there are and how their arguments are read. */
import { buildApplication, buildRouteMap, version } from "@stricli/core";
import type { Context } from "./context.js";
import { errorTexts } from "./error-texts.js";
import { failureStatus } from "./exit-status.js";
import { helpFlag } from "./help/help-flag.js";
import { routes } from "./routes.js";
import { packageVersion } from "./version.js";

const root = buildRouteMap<keyof typeof routes, Context>({
  routes,
  docs: {
    brief: "Train transformers on Apple's Neural Engine, or anywhere else",
    fullDescription: [
      "Train transformers on Apple's Neural Engine, or anywhere else.",
      "",
      "Examples:",
      "  ane train --steps 30                       # the embedded stories, no download",
      '  ane sample runs/mine -i "Once upon a time"',
      "  ane doctor                                 # what works on this machine",
      "",
      "Exit status: 0 done, 1 failed, 2 the command line was wrong, 75 another rank was lost (--resume goes on),",
      "130 interrupted (what was done is saved).",
    ].join("\n"),
  },
});

export const app = buildApplication<Context>(
  root,
  {
    name: "ane",
    determineExitCode: failureStatus,
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    localization: { text: errorTexts },
    documentation: { caseStyle: "convert-camel-to-kebab", onlyRequiredInUsageLine: true },
  },
  {
    help: helpFlag({ brief: errorTexts.briefs.help, alias: "h", all: false }),
    helpAll: helpFlag({ brief: errorTexts.briefs.helpAll, alias: "H", all: true }),
    version: version({
      brief: errorTexts.briefs.version,
      info: { currentVersion: packageVersion() },
    }),
  },
);
