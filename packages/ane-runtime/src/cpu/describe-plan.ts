/** A plan as text: one line per step, with shapes, buffers and arithmetic. */
import { type Layout, shapeOf } from "./layout.js";
import { type Buffer, isNative, type Placement, type Plan, type Step } from "./plan.js";
import type { StepTime } from "./profile-steps.js";
import { formatShape } from "./shape.js";

/**
 * One line per step: its kind, what it computes, from where to where, its native form and its arithmetic. Buffers are
 * named `s0…` in scratch memory and by port or const otherwise; `+n` is an offset in elements.
 * @param times of each step, to be printed with it
 */
export function formatPlan(plan: Plan, times?: readonly StepTime[]): string {
  const { functionName, numerics, steps, preparation, scratchBytes } = plan;
  const copies = steps.filter(({ kind }) => kind === "copy").length;
  const flops = steps.reduce((sum, step) => sum + step.flops, 0);
  const title =
    `${functionName} (${numerics}): ${count(steps.length, "step")}, ${count(copies, "copy", "copies")}, ` +
    `${formatFlops(flops)}, ${(scratchBytes / 1024).toFixed(1)} KiB scratch`;
  const lines = steps.map((step, index) => `  ${index} ${formatStep(step, plan, times?.[index])}`);
  const prepared = preparation.map((step) => `  - ${formatStep(step, plan)}`);
  const once = prepared.length === 0 ? [] : ["at compile time:", ...prepared];
  const total = times ? [`  sum ${times.reduce((sum, { ms }) => sum + ms, 0).toFixed(3)} ms`] : [];
  return [title, ...lines, ...total, ...once].join("\n");
}

function formatStep(step: Step, plan: Plan, time?: StepTime): string {
  const { kind, label, reads, writes, detail, flops } = step;
  const list = (placements: readonly Placement[]) =>
    placements.map((placement) => formatPlacement(placement, plan)).join(", ");
  const work = flops === 0 ? "" : ` | ${formatFlops(flops)}`;
  const spent = formatTime(flops, time?.ms);
  // All entries of a loop are printed as one.
  if (isNative(step) && step.body) {
    const body = step.body.map((inner, index) => {
      const ms = time?.body?.[index];
      return `\n      ${formatStep(inner, plan, ms === undefined ? undefined : { ms })}`;
    });
    return `${kind} ${detail}${work}${spent}${body.join("")}`;
  }
  return `${kind} ${label}: ${list(reads)} -> ${list(writes)} | ${detail}${work}${spent}`;
}

function formatTime(flops: number, ms: number | undefined): string {
  if (ms === undefined) return "";
  return ` | ${ms.toFixed(3)} ms, ${(flops / ms / 1e6).toFixed(1)} GFLOP/s`;
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
