/** Runs `ane mil print`, `ane mil verify` and `ane mil stats`. */
import { type Diagnostic, print, runPasses, verify } from "@ane/mil-builder";
import { type Context, userPath } from "../context.js";
import { openProgram } from "../mil/open-program.js";
import { type FunctionStats, type PortStats, programStats } from "../mil/program-stats.js";
import { formatBytes, formatCount } from "../view/format.js";
import { describeGraph } from "../view/graph.js";
import type { MilPrintFlags, MilStatsFlags, MilVerifyFlags } from "./mil-program.js";

export async function runMilPrint(
  this: Context,
  { dialect, layout, simplify, json }: MilPrintFlags,
  file: string,
): Promise<void> {
  const { path, program: read } = await openProgram(userPath(this, file));
  const program = simplify ? runPasses(read) : read;
  this.process.stdout.write(
    json
      ? `${JSON.stringify({ path, version: program.version, functions: program.functions.map(describeGraph) })}\n`
      : `${print(program, { layout, ...(dialect && { dialect }) })}\n`,
  );
}

export async function runMilVerify(
  this: Context,
  { chip, os, json }: MilVerifyFlags,
  file: string,
): Promise<void> {
  const { path, program } = await openProgram(userPath(this, file));
  const diagnostics = verify(program, { ...(chip && { chip }), ...(os && { os }) });
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  const warnings = diagnostics.length - errors;
  this.process.stdout.write(
    json
      ? `${JSON.stringify({ path, errors, warnings, diagnostics })}\n`
      : `${diagnostics.map(lineOf).join("")}${path}: ${errors} errors, ${warnings} warnings\n`,
  );
  if (errors > 0) this.process.exitCode = 1;
}

function lineOf({ severity, rule, where, message, evidence, remedy }: Diagnostic): string {
  return `${severity} ${rule} at ${where}\n  ${message}\n  evidence: ${evidence}\n  → ${remedy}\n`;
}

export async function runMilStats(
  this: Context,
  { json }: MilStatsFlags,
  file: string,
): Promise<void> {
  const { path, program } = await openProgram(userPath(this, file));
  const stats = programStats(program);
  const { files, tensors, bytes } = stats.weights;
  this.process.stdout.write(
    json
      ? `${JSON.stringify({ path, ...stats })}\n`
      : `${path}: MIL ${stats.version}, ${tensors} tensors of ${formatBytes(bytes)} in ${files} weight files\n${stats.functions.map(formatFunction).join("")}`,
  );
}

function formatFunction(stats: FunctionStats): string {
  const lines = [
    `${stats.function}<${stats.opset}>: ${stats.operations} ops, ${stats.constants} constants, ${flopText(stats.flops)}`,
    ...stats.inputs.map((port) => `  in   ${portText(port)}`),
    ...stats.outputs.map((port) => `  out  ${portText(port)}`),
    ...stats.byType.map(({ type, count, flops }) =>
      `  ${String(count).padStart(6)}  ${type.padEnd(28)}${flops === 0 ? "" : flopText(flops)}`.trimEnd(),
    ),
  ];
  return `${lines.join("\n")}\n`;
}

function flopText(flops: number | null): string {
  return flops === null ? "FLOP unknown before it runs" : `${formatCount(flops)} FLOP`;
}

function portText({ name, dtype, shape, bytes }: PortStats): string {
  const dims = shape.map((dim) => dim ?? "?").join(", ");
  return `${name.padEnd(16)} ${dtype} [${dims}]${bytes === null ? "" : `  ${formatBytes(bytes)}`}`;
}
