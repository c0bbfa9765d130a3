/** A training plan as text. */
import type { Calibration, PlannedTime, TrainingPlan } from "@ane/trainer";
import { formatBytes, formatCount, formatMs } from "./format.js";

const WIDTH = 38;

const TIMES: Readonly<Record<keyof PlannedTime, string>> = {
  deviceCompute: "device: arithmetic and ports",
  dispatch: "device: dispatch",
  conversion: "conversion fp32 to fp16 and back",
  copies: "copies between surfaces",
  elementwise: "element-wise on the CPU",
  classifier: "classifier",
  loss: "loss",
  weightGradients: "waiting for weight gradients",
  optimizer: "optimizer, per micro-step",
  staging: "staging weights, per micro-step",
  compilation: "compilation, per micro-step",
};

export function formatPlan(plan: TrainingPlan, calibration: Calibration): string {
  const { memory, counts, time } = plan;
  const sections: [title: string, rows: readonly (readonly [string, string])[]][] = [
    [
      "Memory",
      [
        ["parameters", formatBytes(memory.parameters)],
        ["gradients", formatBytes(memory.gradients)],
        ["moments", formatBytes(memory.moments)],
        ["surfaces", formatBytes(memory.surfaces)],
        ["weight files, here and on the device", formatBytes(memory.weightFiles)],
        ["logits and residual streams", formatBytes(memory.logits + memory.streams)],
        ["together", formatBytes(memory.total)],
      ],
    ],
    [
      "A micro-step, counted",
      [
        ["dispatches", String(counts.dispatches)],
        ["written to surfaces", formatBytes(counts.bytesWritten)],
        ["read from surfaces", formatBytes(counts.bytesRead)],
        ["of both, converted", formatBytes(counts.bytesConverted)],
        ["read in place by weight gradients", formatBytes(counts.bytesInPlace)],
        ["on the device", formatFlops(counts.deviceFlops)],
        ["on the CPU", formatFlops(counts.cpuFlops)],
      ],
    ],
    [
      "A micro-step, predicted",
      [
        ...(Object.keys(TIMES) as (keyof PlannedTime)[]).map(
          (part) => [TIMES[part], formatMs(time[part])] as const,
        ),
        ["together", formatMs(plan.totalMs)],
        ["without what belongs to the update", formatMs(plan.microStepMs)],
      ],
    ],
  ];
  const title =
    `${plan.model} (${formatCount(plan.parameters)} parameters) on ${plan.chip}, ${plan.pipeline} pipeline, ` +
    `${plan.kernels} kernels, ${plan.seq} tokens, ${plan.classes} classes, ${plan.accum} micro-steps per update`;
  return [title, ...sections.map(formatSection), remarks(plan, calibration)].join("\n\n");
}

function formatSection([title, rows]: [string, readonly (readonly [string, string])[]]): string {
  return [
    title,
    ...rows.map(([name, value]) => `  ${name.padEnd(WIDTH)}${value.padStart(12)}`),
  ].join("\n");
}

function remarks(plan: TrainingPlan, { rows }: Calibration): string {
  const lines = [
    `${Math.round(plan.tokensPerSecond)} tokens per second; ${formatMs(plan.firstCompilationMs)} of compilation before the first.`,
    `Weight gradients take ${formatMs(plan.weightGradientMs)} of their own, beside the backward pass where the device is not the CPU.`,
  ];
  if (!plan.publishedMs) return [...lines, "Rates of this machine, measured just now."].join("\n");
  const errors = rows
    .filter(({ quantity, notFitted }) => quantity === "step" && notFitted === undefined)
    .map(({ error }) => Math.abs(error));
  const worst = Math.round(100 * Math.max(...errors));
  return [
    ...lines,
    `maderix/ANE's pipelines by the same model and with as many classes: static ${formatMs(plan.publishedMs.static)}, dynamic ${formatMs(plan.publishedMs.dynamic)}, without updates.`,
    `A prediction: the model is within ${worst} % of the ${errors.length} published steps it is fitted to (--calibration).`,
  ].join("\n");
}

function formatFlops(flops: number): string {
  return `${(flops / 1e9).toFixed(2)} GFLOP`;
}
