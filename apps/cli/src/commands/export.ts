/** `ane export`: its flags and help. What it does is in export-run.ts. */
import { buildCommand } from "@stricli/core";
import type { Context } from "../context.js";
import { text } from "../flag-parsers.js";

export const EXPORT_FORMATS = ["bin0", "bin1", "q80", "safetensors"] as const;
export const ELEMENT_TYPES = ["fp32", "fp16", "bf16"] as const;

export interface ExportFlags {
  readonly format: (typeof EXPORT_FORMATS)[number];
  readonly out: string;
  readonly dtype?: (typeof ELEMENT_TYPES)[number];
  readonly json: boolean;
}

export const exportCommand = buildCommand<ExportFlags, [string], Context>({
  loader: async () => (await import("./export-run.js")).runExport,
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        {
          placeholder: "model",
          brief: "A run's folder, a checkpoint, a llama2.c file or a Hugging Face folder",
          parse: text,
        },
      ],
    },
    flags: {
      format: {
        kind: "enum",
        values: EXPORT_FORMATS,
        brief: "bin0 (run.c), bin1, q80 (runq.c, int8), safetensors (a Hugging Face folder)",
      },
      out: { kind: "parsed", parse: text, placeholder: "PATH", brief: "File or folder to write" },
      dtype: {
        kind: "enum",
        values: ELEMENT_TYPES,
        optional: true,
        brief: "Elements of safetensors [fp32]",
      },
      json: { kind: "boolean", default: false, withNegated: false, brief: "One JSON object" },
    },
    aliases: { o: "out" },
  },
  docs: {
    brief: "Write a model in a format that other programs read",
    fullDescription: [
      "Exports the parameters of a run's newest checkpoint, or of any model file. What exists at the path is replaced as a",
      "whole or not at all. A format that cannot express the model is refused.",
      "",
      "Examples:",
      "  ane export runs/my-run --format bin0 --out model.bin       # llama2.c: ./run model.bin",
      "  ane export runs/my-run --format q80 --out model-q80.bin    # llama2.c: ./runq model-q80.bin",
      "  ane export model.bin --format safetensors --out folder     # transformers: from_pretrained(folder)",
    ].join("\n"),
  },
});
