/** `ane export`: its flags and help. What it does is in export-run.ts. */
import { buildCommand } from "@stricli/core";
import type { Context } from "../context.js";
import { multipleOf, text } from "../flag-parsers.js";

export const EXPORT_FORMATS = ["bin0", "bin1", "q80", "safetensors", "mlpackage"] as const;
export const ELEMENT_TYPES = ["fp32", "fp16", "bf16"] as const;

export interface ExportFlags {
  readonly format: (typeof EXPORT_FORMATS)[number];
  readonly out: string;
  readonly dtype?: (typeof ELEMENT_TYPES)[number];
  readonly length?: number;
  readonly json: boolean;
  readonly quiet: boolean;
}

export const exportCommand = buildCommand<ExportFlags, [string], Context>({
  loader: async () => (await import("./export-run.js")).runExport,
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        {
          placeholder: "MODEL",
          brief: "A run's folder, a checkpoint, a llama2.c file or a Hugging Face folder",
          parse: text,
        },
      ],
    },
    flags: {
      format: {
        kind: "enum",
        values: EXPORT_FORMATS,
        brief:
          "bin0 (run.c), bin1, q80 (runq.c, int8), safetensors (a Hugging Face folder), mlpackage (Core ML)",
      },
      out: { kind: "parsed", parse: text, placeholder: "PATH", brief: "File or folder to write" },
      dtype: {
        kind: "enum",
        values: ELEMENT_TYPES,
        optional: true,
        brief: "Elements of safetensors [fp32] or of an mlpackage, which has no bf16 [fp16]",
      },
      length: {
        kind: "parsed",
        parse: multipleOf(32),
        optional: true,
        placeholder: "S",
        brief: "Tokens per call of an mlpackage, a multiple of 32 [the model's, 1024 at most]",
      },
      json: { kind: "boolean", default: false, withNegated: false, brief: "One JSON object" },
      quiet: { kind: "boolean", default: false, withNegated: false, brief: "Say nothing" },
    },
    aliases: { o: "out" },
  },
  docs: {
    brief: "Write a model in a format that other programs read",
    fullDescription: [
      "Exports the parameters of a run's newest checkpoint, or of any model file. What exists at the path is replaced as a",
      "whole or not at all; only an mlpackage must not exist yet. A format that cannot express the model is refused.",
      "",
      "An mlpackage holds one program, tokens int32 [1, S] to logits [1, S, V] of the next token at every position, for Core ML of",
      "macOS 13 and iOS 16 on.",
      "",
      "Examples:",
      "  ane export runs/mine --format bin0 --out model.bin   # for llama2.c's run",
      "  ane export runs/mine --format q80 --out q80.bin      # for llama2.c's runq",
      '  ane export model.bin --format safetensors --out hf   # from_pretrained("hf")',
      "  ane export model.bin --format mlpackage --length 256 --out model.mlpackage",
    ].join("\n"),
  },
});
