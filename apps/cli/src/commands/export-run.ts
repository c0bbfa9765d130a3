/** Runs `ane export`. */
import { type Parameters, writeHuggingFace, writeLlamaBin } from "@ane/llama-model";
import { type Context, userPath } from "../context.js";
import { CommandError } from "../errors.js";
import { loadModel } from "../model-file.js";
import type { ExportFlags } from "./export.js";

const STORED_TYPES = { fp32: "F32", fp16: "F16", bf16: "BF16" } as const;
const VERSIONS = { bin0: 0, bin1: 1, q80: 2 } as const;

export async function runExport(this: Context, flags: ExportFlags, model: string): Promise<void> {
  if (flags.dtype !== undefined && flags.format !== "safetensors") {
    throw new CommandError(
      `--dtype: only safetensors has a choice of elements, got --format ${flags.format}. Leave --dtype out.`,
    );
  }
  const { config, parameters } = loadModel(userPath(this, model), "export");
  const path = userPath(this, flags.out);
  write(path, parameters, flags);
  const summary = {
    path,
    format: flags.format,
    model: config.name,
    parameters: parameters.data.length,
  };
  this.process.stdout.write(
    flags.json
      ? `${JSON.stringify(summary)}\n`
      : `${summary.model}, ${summary.parameters.toLocaleString("en")} parameters, as ${flags.format}: ${path}\n`,
  );
}

function write(
  path: string,
  parameters: Parameters,
  { format, dtype = "fp32" }: ExportFlags,
): void {
  if (format === "safetensors") {
    writeHuggingFace(path, parameters, { dtype: STORED_TYPES[dtype] });
  } else {
    writeLlamaBin(path, parameters, { version: VERSIONS[format] });
  }
}
