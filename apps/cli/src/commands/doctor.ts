/** `ane doctor`: its flags and help. What it does is in doctor-run.ts. */
import { buildCommand } from "@stricli/core";
import type { Context } from "../context.js";

export interface DoctorFlags {
  readonly json: boolean;
}

export const doctorCommand = buildCommand<DoctorFlags, [], Context>({
  loader: async () => (await import("./doctor-run.js")).runDoctor,
  parameters: {
    flags: {
      json: { kind: "boolean", default: false, withNegated: false, brief: "One JSON object" },
    },
  },
  docs: {
    brief: "What works on this machine, what does not, and why",
    fullDescription: [
      "Checks Node, processor, native code, memory and disk; on Apple silicon also macOS, the private framework with its",
      "classes and selectors, the engine and the chip; and runs one kernel on each device. Says for each what was found",
      "and what to do. Exit status 1 if something fails that should work here; a machine without a Neural Engine is none.",
    ].join("\n"),
  },
});
