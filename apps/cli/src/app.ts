/** The command line as a table: which commands there are and how their arguments are read. */
import { buildApplication, buildRouteMap, text_en } from "@stricli/core";
import { benchCommand } from "./commands/bench.js";
import { dataCommands } from "./commands/data.js";
import { doctorCommand } from "./commands/doctor.js";
import { evalCommand } from "./commands/eval.js";
import { exportCommand } from "./commands/export.js";
import { milCommands } from "./commands/mil.js";
import { planCommand } from "./commands/plan.js";
import { sampleCommand } from "./commands/sample.js";
import { selftestCommand } from "./commands/selftest.js";
import { trainCommand } from "./commands/train.js";
import type { Context } from "./context.js";
import { failureStatus } from "./exit-status.js";

/** Errors that a library raised on purpose have a `code`: their message is meant for the user, without a stack. */
export function explainError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const expected = "code" in error && typeof error.code === "string";
  return expected ? `Error: ${error.message}` : (error.stack ?? error.message);
}

const routes = buildRouteMap<
  | "train"
  | "eval"
  | "sample"
  | "export"
  | "data"
  | "plan"
  | "mil"
  | "selftest"
  | "doctor"
  | "bench",
  Context
>({
  routes: {
    train: trainCommand,
    eval: evalCommand,
    sample: sampleCommand,
    export: exportCommand,
    data: dataCommands,
    plan: planCommand,
    mil: milCommands,
    selftest: selftestCommand,
    doctor: doctorCommand,
    bench: benchCommand,
  },
  docs: {
    brief: "Train transformers on Apple's Neural Engine, or anywhere else",
  },
});

export const app = buildApplication<Context>(routes, {
  name: "ane",
  determineExitCode: failureStatus,
  scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
  localization: {
    text: {
      ...text_en,
      exceptionWhileRunningCommand: explainError,
      commandErrorResult: explainError,
    },
  },
  documentation: { caseStyle: "convert-camel-to-kebab", onlyRequiredInUsageLine: true },
});
