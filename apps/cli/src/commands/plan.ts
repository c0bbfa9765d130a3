/** `ane plan`: its flags and help. What it does is in plan-run.ts. */
import { buildCommand } from "@stricli/core";
import { modelNames } from "../completion/model-names.js";
import type { Context } from "../context.js";
import { describeAliases } from "../flag-aliases.js";
import { integerFrom, multipleOf, text } from "../flag-parsers.js";

export interface PlanFlags {
  readonly model: string;
  readonly chip: string;
  readonly pipeline: "dynamic" | "static";
  readonly kernels?: "derived" | "handwritten";
  readonly seq?: number;
  readonly classes?: number;
  readonly accum: number;
  readonly calibration: boolean;
  readonly json: boolean;
}

export const planCommand = buildCommand<PlanFlags, [], Context>({
  loader: async () => (await import("./plan-run.js")).runPlan,
  parameters: {
    flags: {
      model: {
        kind: "parsed",
        parse: text,
        default: "stories110m",
        proposeCompletions: modelNames,
        placeholder: "MODEL",
        brief: "A preset's name, or a JSON file with a configuration",
      },
      chip: {
        kind: "parsed",
        parse: text,
        default: "m4",
        placeholder: "CHIP",
        brief:
          "m1 to m5, with -pro, -max or -ultra; cpu: the cpu device here, measured for a moment",
      },
      pipeline: {
        kind: "enum",
        values: ["dynamic", "static"],
        default: "dynamic",
        brief: "Weights as inputs of the kernels, or as constants",
      },
      kernels: {
        kind: "enum",
        values: ["derived", "handwritten"],
        optional: true,
        brief: "Those that are derived from the forward passes, or those written by hand [derived]",
      },
      seq: {
        kind: "parsed",
        parse: multipleOf(32),
        optional: true,
        placeholder: "S",
        brief: "Tokens of a micro-step [the model's sequence length]",
      },
      classes: {
        kind: "parsed",
        parse: integerFrom(1),
        optional: true,
        placeholder: "N",
        brief: "Token ids that the loss distinguishes, as with --compact-vocab [the vocabulary]",
      },
      accum: {
        kind: "parsed",
        parse: integerFrom(1),
        default: "10",
        placeholder: "N",
        brief: "Micro-steps per update",
      },
      calibration: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief:
          "The published times that the model is fitted to, and its errors, in place of a plan",
      },
      json: { kind: "boolean", default: false, withNegated: false, brief: "One JSON object" },
    },
  },
  docs: {
    brief: "Memory, traffic and predicted time of training a model on a chip",
    customUsage: ["[FLAGS]"],
    fullDescription: [
      "Counts a micro-step from its kernels, and prices it with a cost model that is fitted to published times of another",
      "implementation (maderix/ANE). Times of chips are predictions: nothing here has been measured on them.",
      "",
      "Examples:",
      "  ane plan --model stories110m --chip m4",
      "  ane plan --model qwen3-0.6b --chip m5-max --classes 9205 --json",
      "  ane plan --pipeline static --kernels handwritten",
      "  ane plan --calibration",
      "",
      describeAliases("plan"),
    ].join("\n"),
  },
});
