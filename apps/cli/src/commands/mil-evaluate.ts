/** `ane mil run`: its flags and help. What it does is in mil-evaluate-run.ts. */
import { buildCommand } from "@stricli/core";
import type { Context } from "../context.js";
import { assignment, integerFrom, text } from "../flag-parsers.js";
import { json, programFile } from "./mil-program.js";

const FILLS = ["random", "zeros", "ones"] as const;

export interface MilRunFlags {
  readonly device: "cpu" | "ane" | "interpreter";
  readonly numerics: "fp16" | "fp32";
  readonly input?: readonly (readonly [name: string, file: string])[];
  readonly fill: (typeof FILLS)[number];
  readonly seed: number;
  readonly weights?: string;
  readonly out?: string;
  readonly runs: number;
  readonly json: boolean;
}

export const runCommand = buildCommand<MilRunFlags, [string], Context>({
  loader: async () => (await import("./mil-evaluate-run.js")).runMilRun,
  parameters: {
    flags: {
      device: {
        kind: "enum",
        values: ["cpu", "ane", "interpreter"],
        default: "cpu",
        brief: "interpreter is the reference: slow, but it takes any program and any shape",
      },
      numerics: {
        kind: "enum",
        values: ["fp16", "fp32"],
        default: "fp16",
        brief: "fp16: every op's result is rounded to its dtype; fp32: none is; not on ane",
      },
      input: {
        kind: "parsed",
        parse: assignment,
        variadic: true,
        optional: true,
        placeholder: "NAME=FILE",
        brief:
          "An input's elements: .json (nested or flat), else raw little-endian ones of its dtype",
      },
      fill: {
        kind: "enum",
        values: FILLS,
        default: "random",
        brief: "Inputs that are not given; random: from -1 to 1, integers 0 and 1",
      },
      seed: { kind: "parsed", parse: integerFrom(1), default: "1", brief: "Of random inputs" },
      weights: {
        kind: "parsed",
        parse: text,
        optional: true,
        placeholder: "DIR",
        brief: "What @model_path of a text stands for [the folder of the file]",
      },
      out: {
        kind: "parsed",
        parse: text,
        optional: true,
        placeholder: "DIR",
        brief: "Write each output there, as NAME.bin of little-endian fp32",
      },
      runs: {
        kind: "parsed",
        parse: integerFrom(1),
        default: "1",
        placeholder: "N",
        brief: "Evaluations; the time is their median",
      },
      json,
    },
    positional: programFile,
  },
  docs: {
    brief: "Evaluate a program and describe its outputs",
    fullDescription: [
      "Compiles the program for a device, evaluates it and prints range, mean and first elements of every output.",
      "",
      "Examples:",
      "  ane mil run model.mil",
      "  ane mil run model.mil --input x=x.bin --out results --device ane",
      "  ane mil run model.mlpackage --device interpreter --fill zeros --json",
    ].join("\n"),
  },
});
