/** `ane mil plan` and `ane mil replay`: flags and help. What it does is in mil-run.ts. */
import { buildCommand, buildRouteMap } from "@stricli/core";
import type { Context } from "../context.js";
import { text } from "../flag-parsers.js";
import { deriveCommand } from "./mil-derive.js";
import { runCommand } from "./mil-evaluate.js";
import { printCommand, programFile, statsCommand, verifyCommand } from "./mil-program.js";

export interface MilPlanFlags {
  readonly numerics: "fp16" | "fp32";
  readonly json: boolean;
}

const planCommand = buildCommand<MilPlanFlags, [string], Context>({
  loader: async () => (await import("./mil-run.js")).runMilPlan,
  parameters: {
    flags: {
      numerics: {
        kind: "enum",
        values: ["fp16", "fp32"],
        default: "fp16",
        brief: "fp16: every op's result is rounded; fp32: none is",
      },
      json: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "One JSON object on standard output",
      },
    },
    positional: programFile,
  },
  docs: {
    brief: "What the cpu device makes of a program",
    fullDescription: [
      "Prints the program as a graph, one op per line, and the plan that the cpu device lowers it to, one step per line with",
      "buffers, shapes and arithmetic. Needs neither weights nor a device.",
      "",
      "Example:",
      "  ane mil plan model.mil",
    ].join("\n"),
  },
});

export interface MilReplayFlags {
  readonly device: "auto" | "cpu" | "ane";
  readonly json: boolean;
}

const replayCommand = buildCommand<MilReplayFlags, [string], Context>({
  loader: async () => (await import("./mil-run.js")).runMilReplay,
  parameters: {
    flags: {
      device: {
        kind: "enum",
        values: ["auto", "cpu", "ane"],
        default: "cpu",
        brief: "Where the kernel runs",
      },
      json: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "One JSON object on standard output",
      },
    },
    positional: {
      kind: "tuple",
      parameters: [{ parse: text, placeholder: "DIR", brief: "Dump of a run that diverged" }],
    },
  },
  docs: {
    brief: "Repeat the evaluation of a kernel that a run stopped at",
    fullDescription: [
      "A run whose loss or gradient stops being finite names the kernel where that began, and dumps what the kernel worked on.",
      "This evaluates it again and counts the values that are not finite, before and after.",
      "",
      "Example:",
      "  ane mil replay runs/mine/dumps/step-00000123",
    ].join("\n"),
  },
});

export const milCommands = buildRouteMap({
  routes: {
    print: printCommand,
    verify: verifyCommand,
    stats: statsCommand,
    plan: planCommand,
    run: runCommand,
    replay: replayCommand,
    derive: deriveCommand,
  },
  docs: { brief: "Look at MIL programs, check and run them" },
});
