/** Runs `ane export`. */
import { type Parameters, writeCoreML, writeHuggingFace, writeLlamaBin } from "@ane/llama-model";
import { type Context, userPath } from "../context.js";
import { UsageError } from "../errors.js";
import { modelPath, openLlama } from "../model-file.js";
import { expectFilePlace, kindOf } from "../places.js";
import type { ExportFlags } from "./export.js";

const STORED_TYPES = { fp32: "F32", fp16: "F16", bf16: "BF16" } as const;
const VERSIONS = { bin0: 0, bin1: 1, q80: 2 } as const;

/** Longest sequence of an mlpackage unless asked for: scores take its square for every head. */
const LONGEST_DEFAULT = 1024;

export async function runExport(this: Context, flags: ExportFlags, model: string): Promise<void> {
  expectFittingFlags(flags);
  const path = userPath(this, flags.out);
  expectPlace(path, flags.format);
  const { config, parameters } = openLlama(modelPath(this, model, undefined));
  await write(path, parameters, flags);
  if (flags.quiet) return;
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

/** The same of the place. */
function expectPlace(path: string, format: ExportFlags["format"]): void {
  if (format === "safetensors") {
    if (kindOf(path) !== "file") return;
    throw new UsageError(`--out: expected a folder, got the file ${path}. Choose another.`);
  }
  if (format !== "mlpackage") {
    expectFilePlace("--out", path);
    return;
  }
  if (path.endsWith(".mlpackage") && kindOf(path) === undefined) return;
  throw new UsageError(
    `--out: an mlpackage must not exist yet and end in .mlpackage, got ${path}. Choose another.`,
  );
}

/** What can be told before the model is read. */
function expectFittingFlags({ format, dtype, length }: ExportFlags): void {
  if (dtype !== undefined && format !== "safetensors" && format !== "mlpackage") {
    throw new UsageError(
      `--dtype: only safetensors and mlpackage have a choice of elements, got --format ${format}. Leave --dtype out.`,
    );
  }
  if (dtype === "bf16" && format === "mlpackage") {
    throw new UsageError("--dtype: an mlpackage has fp16 or fp32, got bf16. Choose one of them.");
  }
  if (length !== undefined && format !== "mlpackage") {
    throw new UsageError(
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
