/** A plan as text: one line per step, with shapes, buffers and arithmetic. */
import { type Layout, shapeOf } from "./layout.js";
import type { Buffer, Placement, Plan, Step } from "./plan.js";
import { formatShape } from "./shape.js";

/**
 * One line per step: its kind, what it computes, from where to where, its native form and its arithmetic. Buffers are
 * named `s0…` in scratch memory and by port or const otherwise; `+n` is an offset in elements.
 */
export function formatPlan(plan: Plan): string {
  const { functionName, numerics, steps, preparation, scratchBytes } = plan;
  const copies = steps.filter(({ kind }) => kind === "copy").length;
  const flops = steps.reduce((sum, step) => sum + step.flops, 0);
  const title =
    `${functionName} (${numerics}): ${count(steps.length, "step")}, ${count(copies, "copy", "copies")}, ` +
    `${formatFlops(flops)}, ${(scratchBytes / 1024).toFixed(1)} KiB scratch`;
  const lines = steps.map((step, index) => `  ${index} ${formatStep(step, plan)}`);
  const prepared = preparation.map((step) => `  - ${formatStep(step, plan)}`);
  const once = prepared.length === 0 ? [] : ["at compile time:", ...prepared];
  return [title, ...lines, ...once].join("\n");
}

function formatStep({ kind, label, reads, writes, detail, flops }: Step, plan: Plan): string {
  const list = (placements: readonly Placement[]) =>
    placements.map((placement) => formatPlacement(placement, plan)).join(", ");
  const work = flops === 0 ? "" : ` | ${formatFlops(flops)}`;
  return `${kind} ${label}: ${list(reads)} -> ${list(writes)} | ${detail}${work}`;
}

function formatPlacement({ buffer, layout }: Placement, { buffers }: Plan): string {
  const offset = layout.offset === 0 ? "" : `+${layout.offset}`;
  return `${bufferName(buffers, buffer)}${offset} ${formatLayout(layout)}`;
}

function formatLayout(layout: Layout): string {
  return formatShape(shapeOf(layout));
}

function bufferName(buffers: readonly Buffer[], index: number): string {
  const { name, source } = buffers[index]!;
  if (source.kind !== "scratch") return name || "literal";
  const number = buffers
    .slice(0, index)
    .filter((buffer) => buffer.source.kind === "scratch").length;
  return `s${number}`;
}

function formatFlops(flops: number): string {
  if (flops >= 1e9) return `${(flops / 1e9).toFixed(3)} GFLOP`;
  return flops >= 1e6 ? `${(flops / 1e6).toFixed(3)} MFLOP` : `${flops} FLOP`;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
