/** `ane mil derive`: flags and help. What it does is in mil-derive-run.ts. */
import { buildCommand } from "@stricli/core";
import type { Context } from "../context.js";
import { text } from "../flag-parsers.js";

export interface MilDeriveFlags {
  readonly pipeline?: "dynamic" | "static";
  readonly print: boolean;
  readonly json: boolean;
}

export const deriveCommand = buildCommand<MilDeriveFlags, [string], Context>({
  loader: async () => (await import("./mil-derive-run.js")).runMilDerive,
  parameters: {
    flags: {
      pipeline: {
        kind: "enum",
        values: ["dynamic", "static"],
        optional: true,
        brief: "Weights as inputs of the kernels, or as constants [what a run would take]",
      },
      print: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "The kernels' MIL, too",
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
      parameters: [{ parse: text, placeholder: "MODULE", brief: "A module that defines a model" }],
    },
  },
  docs: {
    brief: "The kernels that train a model of your own layers",
    fullDescription: [
      "Derives the forward and backward kernels of each layer type of a model, and says what is handed from one to the other,",
      "what is computed again, how the gradient of each parameter is made, and what the verifier finds. Trains nothing.",
      "",
      "Examples:",
      "  ane mil derive my-model.mjs",
      "  ane mil derive my-model.mjs --pipeline static --print",
    ].join("\n"),
  },
});
