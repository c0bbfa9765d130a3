/** `ane mil print`, `verify` and `stats`: flags and help. What they do is in mil-program-run.ts. */
import type { Chip, Os } from "@ane/mil-builder";
import { buildCommand } from "@stricli/core";
import type { Context } from "../context.js";
import { text } from "../flag-parsers.js";

const CHIPS = ["m1", "m2", "m3", "m4", "m5"] as const satisfies readonly Chip[];
const SYSTEMS = [
  "macos12",
  "macos13",
  "macos14",
  "macos15",
  "macos26",
] as const satisfies readonly Os[];

export const programFile = {
  kind: "tuple",
  parameters: [{ parse: text, placeholder: "FILE", brief: "MIL program text, or an .mlpackage" }],
} as const;

export const json = {
  kind: "boolean",
  default: false,
  withNegated: false,
  brief: "One JSON object on standard output",
} as const;

export interface MilPrintFlags {
  readonly dialect?: "1.0" | "1.3";
  readonly layout: "canonical" | "readable";
  readonly simplify: boolean;
  readonly json: boolean;
}

export const printCommand = buildCommand<MilPrintFlags, [string], Context>({
  loader: async () => (await import("./mil-program-run.js")).runMilPrint,
  parameters: {
    flags: {
      dialect: {
        kind: "enum",
        values: ["1.0", "1.3"],
        optional: true,
        brief: "1.0 writes tensor<fp16, []> for scalars, 1.3 fp16 [the program's own]",
      },
      layout: {
        kind: "enum",
        values: ["canonical", "readable"],
        default: "readable",
        brief: "canonical: byte for byte as Apple's compiler; readable: with decimal floats",
      },
      simplify: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Fold constants, drop dead code, share equal ops first",
      },
      json,
    },
    positional: programFile,
  },
  docs: {
    brief: "A program as text, from text or from a Core ML package",
    fullDescription: [
      "Reads a program, checks it against the language and prints it; --json prints its graph.",
      "",
      "Examples:",
      "  ane mil print model.mlpackage > model.mil",
      "  ane mil print model.mil --layout canonical --dialect 1.0",
    ].join("\n"),
  },
});

export interface MilVerifyFlags {
  readonly chip?: Chip;
  readonly os?: Os;
  readonly json: boolean;
}

export const verifyCommand = buildCommand<MilVerifyFlags, [string], Context>({
  loader: async () => (await import("./mil-program-run.js")).runMilVerify,
  parameters: {
    flags: {
      chip: {
        kind: "enum",
        values: CHIPS,
        optional: true,
        brief: "Also the rules of this chip [rules of all]",
      },
      os: {
        kind: "enum",
        values: SYSTEMS,
        optional: true,
        brief: "Also the rules of this macOS [rules of all]",
      },
      json,
    },
    positional: programFile,
  },
  docs: {
    brief: "Whether the engine should take a program, by the rules that public projects report",
    fullDescription: [
      "Lists what breaks a rule, with the evidence for the rule and what to do instead. Exit status 1 if there is an error;",
      "warnings are single or contradicting reports.",
      "",
      "Examples:",
      "  ane mil verify model.mil --chip m4",
      "  ane mil verify model.mlpackage --chip m1 --os macos14 --json",
    ].join("\n"),
  },
});

export interface MilStatsFlags {
  readonly json: boolean;
}

export const statsCommand = buildCommand<MilStatsFlags, [string], Context>({
  loader: async () => (await import("./mil-program-run.js")).runMilStats,
  parameters: { flags: { json }, positional: programFile },
  docs: {
    brief: "Ops by type, arithmetic, ports and weights of a program",
    fullDescription: [
      "Counts without running anything: FLOPs are those of conv and matmul, two per multiply-add.",
      "",
      "Example:",
      "  ane mil stats model.mil",
    ].join("\n"),
  },
});
