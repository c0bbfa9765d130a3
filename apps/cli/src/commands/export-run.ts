/** Runs `ane export`. */
import { type Parameters, writeCoreML, writeHuggingFace, writeLlamaBin } from "@ane/llama-model";
import { type Context, userPath } from "../context.js";
import { CommandError } from "../errors.js";
import { loadModel } from "../model-file.js";
import type { ExportFlags } from "./export.js";

const STORED_TYPES = { fp32: "F32", fp16: "F16", bf16: "BF16" } as const;
const VERSIONS = { bin0: 0, bin1: 1, q80: 2 } as const;

/** Longest sequence of an mlpackage unless asked for: scores take its square for every head. */
const LONGEST_DEFAULT = 1024;

export async function runExport(this: Context, flags: ExportFlags, model: string): Promise<void> {
  expectFittingFlags(flags);
  const { config, parameters } = loadModel(userPath(this, model), "export");
  const path = userPath(this, flags.out);
  await write(path, parameters, flags);
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

/** What can be told before the model is read. */
function expectFittingFlags({ format, dtype, length }: ExportFlags): void {
  if (dtype !== undefined && format !== "safetensors" && format !== "mlpackage") {
    throw new CommandError(
      `--dtype: only safetensors and mlpackage have a choice of elements, got --format ${format}. Leave --dtype out.`,
    );
  }
  if (dtype === "bf16" && format === "mlpackage") {
    throw new CommandError("--dtype: an mlpackage has fp16 or fp32, got bf16. Choose one of them.");
  }
  if (length !== undefined && format !== "mlpackage") {
    throw new CommandError(
      `--length: only an mlpackage has a fixed length, got --format ${format}. Leave --length out.`,
    );
  }
}

async function write(
  path: string,
  parameters: Parameters,
  { format, dtype, length }: ExportFlags,
): Promise<void> {
  if (format === "mlpackage") {
    const seqLen = length ?? Math.min(parameters.config.seqLen, LONGEST_DEFAULT);
    await writeCoreML(path, parameters, { seqLen, dtype: dtype === "fp32" ? "fp32" : "fp16" });
  } else if (format === "safetensors") {
    writeHuggingFace(path, parameters, { dtype: STORED_TYPES[dtype ?? "fp32"] });
  } else {
    writeLlamaBin(path, parameters, { version: VERSIONS[format] });
  }
}
