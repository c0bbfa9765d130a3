/** `ane selftest`: its flags and help. What it does is in selftest-run.ts. */
import { buildCommand } from "@stricli/core";
import { modelNames } from "../completion/model-names.js";
import type { Context } from "../context.js";
import { integerFrom, multipleOf, text } from "../flag-parsers.js";

export interface SelftestFlags {
  readonly model: string;
  readonly seq?: number;
  readonly device: "auto" | "ane" | "cpu";
  readonly only?: string;
  readonly timeout: number;
  readonly json: string;
  readonly markdown: string;
}

export const selftestCommand = buildCommand<SelftestFlags, [], Context>({
  loader: async () => (await import("./selftest-run.js")).runSelftest,
  parameters: {
    flags: {
      model: {
        kind: "parsed",
        parse: text,
        default: "stories110m",
        proposeCompletions: modelNames,
        placeholder: "NAME|FILE",
        brief: "Whose kernels: stories260k, stories15m, stories42m, stories110m or a JSON file",
      },
      seq: {
        kind: "parsed",
        parse: multipleOf(32),
        optional: true,
        placeholder: "S",
        brief: "Tokens per sequence, a multiple of 32 [the model's; 32 with --device cpu]",
      },
      device: {
        kind: "enum",
        values: ["auto", "ane", "cpu"],
        default: "auto",
        brief: "auto is ane; cpu compares the cpu device's kernels with the interpreter",
      },
      only: {
        kind: "parsed",
        parse: text,
        optional: true,
        placeholder: "TEXT",
        brief: 'Cases whose name contains this, such as "kernel/" or "5/" [all]',
      },
      timeout: {
        kind: "parsed",
        parse: integerFrom(1),
        default: "300",
        placeholder: "SECONDS",
        brief: "After which a case counts as hung",
      },
      json: {
        kind: "parsed",
        parse: text,
        default: "ane-selftest.json",
        placeholder: "FILE",
        brief: "Where the report goes as JSON",
      },
      markdown: {
        kind: "parsed",
        parse: text,
        default: "ane-selftest.md",
        placeholder: "FILE",
        brief: "Where the report goes as markdown",
      },
    },
  },
  docs: {
    brief: "Check every kernel on this machine, and settle what is not known of the engine",
    customUsage: ["[FLAGS]"],
    fullDescription: [
      "Compiles every kernel of a model, runs it on random inputs, compares it with a reference and times it. On Apple",
      "silicon, then asks the engine what public reports contradict each other about. Each case has a process of its",
      "own. Writes a report to post. Exit status 1 if a kernel does not work, or if there is no Neural Engine.",
      "",
      "Examples:",
      "  ane selftest",
      "  ane selftest --model stories15m --only kernel/",
      "  ane selftest --device cpu --model stories260k",
    ].join("\n"),
  },
});
