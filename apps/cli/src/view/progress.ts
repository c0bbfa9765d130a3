/** Shows training events to a person: a live line on a terminal, one plain line per report elsewhere. */
import type { EvaluationEvent, RunEvent, StepEvent, TrainEvent } from "@ane/trainer";
import type { Context } from "../context.js";
import { formatBytes, formatCount, formatDuration, formatMs } from "./format.js";

export interface Progress {
  show(event: TrainEvent): void;
  /** Leaves the cursor on a fresh line. */
  end(): void;
}

/** Weight of the newest micro-step in the running mean that the ETA is computed from. */
const smoothing = 0.2;

/** What is said about an event that is not a micro-step, or undefined for nothing. */
export function describeEvent(event: TrainEvent): string | undefined {
  switch (event.type) {
    case "run":
      return [
        `${event.model}: ${formatCount(event.parameters)} parameters, ${event.pipeline} pipeline, ${describeLength(event)}, ${event.accum} per update${event.ranks > 1 ? `, shared by ${event.ranks} ranks` : ""}`,
        `device: ${event.device}`,
        `data: ${describeData(event)}   run: ${event.directory}`,
        ...(event.resumedFrom > 0 ? [`resumed from micro-step ${event.resumedFrom}`] : []),
        ...(updatesAtMost(event) === 0
          ? [
              `no update: the parameters stay as they are, since the run ends before ${event.accum} micro-steps have been gathered (--accum)`,
            ]
          : []),
        ...event.refusedCheckpoints.map(({ path, reason }) => `passed over ${path}: ${reason}`),
      ].join("\n");
    case "compile":
      return `compiled ${event.kernels} kernels in ${formatMs(event.ms)} (${event.used}${event.limit > 0 ? ` of ${event.limit}` : ""} in this process)`;
    case "restart":
      return `compile budget spent (${event.used} of ${event.limit}): went on in a fresh process after ${formatMs(event.ms)}`;
    case "checkpoint":
      return `checkpoint ${event.path} (${formatBytes(event.bytes)}, ${formatMs(event.ms)})`;
    case "evaluation":
      return `validation loss ${event.meanNll.toFixed(4)}${describeAccuracy(event)} over ${event.windows} windows (${formatMs(event.ms)})`;
    case "sample":
      return `sample: ${event.text.trim()}`;
    case "request":
      return event.refused === undefined ? undefined : `${event.action}: ${event.refused}`;
    case "pause":
      return "paused";
    case "resume":
      return `went on after a pause of ${formatDuration(event.ms)}`;
    default:
      return undefined;
  }
}

function describeData({ trainTokens, classes, unit }: RunEvent): string {
  return unit === "images"
    ? `${formatCount(trainTokens)} images, classifier of ${formatCount(classes)} labels`
    : `${formatCount(trainTokens)} tokens, classifier of ${formatCount(classes)} token ids`;
}

function describeAccuracy({ accuracy }: EvaluationEvent): string {
  return accuracy === undefined ? "" : `, ${(100 * accuracy).toFixed(1)} % of the labels right,`;
}

/** Each whole `accum` of micro-steps since the start of the run is one. */
function updatesAtMost({ steps, accum, resumedFrom }: RunEvent): number {
  return Math.floor(steps / accum) - Math.floor(resumedFrom / accum);
}

function describeLength({ steps, minutes }: RunEvent): string {
  const limits = [
    ...(steps < Number.MAX_SAFE_INTEGER ? [`${steps} micro-steps`] : []),
    ...(minutes > 0 ? [`${minutes} minutes`] : []),
  ];
  return limits.join(" or ");
}

/** @param steps Of the run; a run that only its minutes end has more than can be shown. */
export function describeStep(
  event: StepEvent,
  steps: number,
  meanMs: number,
  unit: NonNullable<RunEvent["unit"]> | "tokens" = "tokens",
): string {
  const limited = steps < Number.MAX_SAFE_INTEGER;
  const remaining = `  ETA ${formatDuration((steps - event.step) * meanMs)}`;
  return [
    limited
      ? `step ${String(event.step).padStart(String(steps).length)}/${steps}`
      : `step ${event.step}`,
    `loss ${event.loss.toFixed(4)}`,
    `lr ${event.lr.toExponential(1)}`,
    `${formatMs(event.ms)}/step`,
    `${Math.round((1000 * event.tokens) / event.ms)} ${unit}/s${limited ? remaining : ""}${describeUpdate(event)}`,
  ].join("  ");
}

function describeUpdate({ gradNorm, lossScale }: StepEvent): string {
  if (gradNorm !== undefined) return `  grad ${gradNorm.toFixed(3)}`;
  return lossScale === undefined
    ? ""
    : `  update skipped: gradients overflowed at loss scale ${lossScale}`;
}

export function createProgress(context: Context, { logEvery }: { logEvery: number }): Progress {
  const { stderr, stdout } = context.process;
  let steps = 0;
  let ranks = 1;
  let unit: RunEvent["unit"];
  let meanMs: number | undefined;
  let lineOpen = false;
  const clearLine = () => {
    if (lineOpen) stderr.write("\r\u001b[2K");
    lineOpen = false;
  };
  return {
    show(event) {
      if (event.type === "run") ({ steps, ranks, unit } = event);
      if (event.type !== "step") {
        const message = describeEvent(event);
        if (message === undefined) return;
        clearLine();
        stdout.write(`${message}\n`);
        return;
      }
      meanMs = meanMs === undefined ? event.ms : meanMs + smoothing * (event.ms - meanMs);
      const line = describeStep(event, steps, meanMs / ranks, unit);
      if (context.interactive) {
        clearLine();
        stderr.write(line.slice(0, context.columns - 1));
        lineOpen = true;
      } else if (event.step % logEvery === 0 || event.step === 1 || event.step === steps) {
        stdout.write(`${line}\n`);
      }
    },
    end() {
      if (lineOpen) stderr.write("\n");
      lineOpen = false;
    },
  };
}
