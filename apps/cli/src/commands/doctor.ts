/** `ane doctor`: its flags and help. What it does is in doctor-run.ts. */
import { buildCommand } from "@stricli/core";
import { modelNames } from "../completion/model-names.js";
import type { Context } from "../context.js";
import { text } from "../flag-parsers.js";

export interface DoctorFlags {
  readonly data?: string;
  readonly tokenizer?: string;
  readonly model?: string;
  readonly json: boolean;
}

export const doctorCommand = buildCommand<DoctorFlags, [], Context>({
  loader: async () => (await import("./doctor-run.js")).runDoctor,
  parameters: {
    flags: {
      data: {
        kind: "parsed",
        parse: text,
        optional: true,
        placeholder: "FILE",
        brief: "Also whether these tokens fit model and tokenizer",
      },
      tokenizer: {
        kind: "parsed",
        parse: text,
        optional: true,
        placeholder: "FILE",
        brief: "Also whether this tokenizer.bin or .model fits the model",
      },
      model: {
        kind: "parsed",
        parse: text,
        optional: true,
        proposeCompletions: modelNames,
        placeholder: "NAME|FILE",
        brief: "The model that data and tokenizer are for",
      },
      json: { kind: "boolean", default: false, withNegated: false, brief: "One JSON object" },
    },
    aliases: { z: "tokenizer" },
  },
  docs: {
    brief: "What works on this machine, what does not, and what to do about it",
    customUsage: ["[FLAGS]"],
    fullDescription: [
      "Checks Node, processor, native code and the tools that build it, memory, disk, terminal, Open MPI, data and tokenizer; on",
      "Apple silicon also macOS, the private framework with its classes and selectors, the engine, the chip and the compile",
      "budget; and runs one kernel on each device. Says for each what was found and what to do. Exit status 1 if something",
      "fails that should work here; a machine without a Neural Engine is none.",
      "",
      "Examples:",
      "  ane doctor",
      "  ane doctor --data my.bin --tokenizer tok512.bin --model stories260k",
      "  ane doctor --json | jq '.checks[] | select(.status != \"ok\")'",
    ].join("\n"),
  },
});
