/** A plan as text: the kernels, what crosses between them, and why. */
import type { TrainingKernels } from "./types.js";

export function explain(
  name: string,
  { plan, transfers, weightGradients }: Omit<TrainingKernels, "explain">,
): string {
  const kernels = plan.kernels.map(({ name: kernel, ops, flops, inputBytes, outputBytes }) => [
    kernel,
    `${ops} ops`,
    `${(flops / 1e9).toFixed(3)} GFLOP`,
    `reads ${kilobytes(inputBytes)}`,
    `writes ${kilobytes(outputBytes)}`,
  ]);
  const saved = plan.saved.map(({ name: value, bytes, readBy, savedMs }) => [
    value,
    kilobytes(bytes),
    `to kernel ${readBy.join(", ")}`,
    reason(savedMs),
  ]);
  const products = weightGradients.map((gradient) => {
    if (gradient.kind === "product")
      return [gradient.parameter, `${gradient.dy.slot} · ${gradient.x.slot}ᵀ`];
    const of = gradient.of.slot;
    return [
      gradient.parameter,
      gradient.kind === "rowSums" ? `sum of ${of} over tokens` : `elements of ${of}`,
    ];
  });
  return [
    `${name}: ${plan.kernels.length} kernels, ${transfers.length} copies, backward priced at ${milliseconds(plan.milliseconds)}`,
    ...table(kernels),
    "saved by the forward kernel:",
    ...(saved.length === 0 ? ["  nothing"] : table(saved)),
    "computed again:",
    `  ${plan.recomputed.join(", ") || "nothing"}`,
    "gradients of parameters:",
    ...table(products),
    ...plan.diagnostics.map(({ severity, where, message }) => `${severity}: ${where}: ${message}`),
  ].join("\n");
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths =
    rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]!.length))) ?? [];
  return rows.map((row) =>
    `  ${row.map((cell, i) => cell.padEnd(widths[i]!)).join("  ")}`.trimEnd(),
  );
}

function kilobytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024)} kB`;
}

function reason(savedMs: number): string {
  if (Number.isNaN(savedMs)) return "as asked";
  if (savedMs === Number.POSITIVE_INFINITY) return "cannot be computed again";
  return `${milliseconds(savedMs)} cheaper than without it`;
}

function milliseconds(ms: number): string {
  return `${ms.toFixed(3)} ms`;
}
