/** Events as lines for people: what a log panel shows. Micro-steps have no line, except where an update was skipped. */

import { formatBytes, formatCount, formatDuration, formatMs } from "./format.js";
import type { RecordedEvent } from "./recorded-event.js";

export interface LogLine {
  /** Micro-steps done at that time. */
  readonly step: number;
  /** Milliseconds since 1970; absent in records that do not have it. */
  readonly time?: number;
  readonly kind: "info" | "warning";
  /** One line. */
  readonly text: string;
}

const SAMPLE_LENGTH = 80;

/** @param step Micro-steps done before the event. */
export function logLines(event: RecordedEvent, step: number): LogLine[] {
  const time = event.time === undefined ? {} : { time: event.time };
  const at = "step" in event && typeof event.step === "number" ? event.step : step;
  return [
    ...information(event).map((text) => ({ step: at, ...time, kind: "info" as const, text })),
    ...warnings(event).map((text) => ({ step: at, ...time, kind: "warning" as const, text })),
  ];
}

function information(event: RecordedEvent): string[] {
  switch (event.type) {
    case "run":
      return [
        event.resumedFrom > 0
          ? `resumed from micro-step ${event.resumedFrom}`
          : `began: ${event.model}, ${formatCount(event.parameters)} parameters, ${event.pipeline} pipeline`,
        `device: ${event.device}`,
      ];
    case "compile": {
      const of = event.limit > 0 ? ` of ${event.limit}` : "";
      return [
        `compiled ${event.kernels} kernels in ${formatMs(event.ms)} (${event.used}${of} in this process)`,
      ];
    }
    case "restart":
      return [
        `compile budget spent (${event.used} of ${event.limit}): went on in a fresh process after ${formatMs(event.ms)}`,
      ];
    case "checkpoint":
      return [
        `${event.kind === "best" ? "best parameters so far" : "checkpoint"} saved (${formatBytes(event.bytes)}, ${formatMs(event.ms)})`,
      ];
    case "evaluation":
      return [
        `validation loss ${event.meanNll.toFixed(4)} over ${event.windows} windows (${formatMs(event.ms)})`,
      ];
    case "sample":
      return [`sample: ${firstWords(event.text)}`];
    case "request":
      return event.refused === undefined ? [`asked for: ${event.action}`] : [];
    case "pause":
      return ["paused"];
    case "resume":
      return [`went on after a pause of ${formatDuration(event.ms)}`];
    case "done":
      return [event.reason === "completed" ? "completed" : "interrupted; everything is saved"];
    default:
      return [];
  }
}

function warnings(event: RecordedEvent): string[] {
  switch (event.type) {
    case "run":
      return event.refusedCheckpoints.map(({ path, reason }) => `passed over ${path}: ${reason}`);
    case "step":
      return event.lossScale !== undefined && event.gradNorm === undefined
        ? [`update skipped: gradients overflowed at loss scale ${event.lossScale}`]
        : [];
    case "request":
      return event.refused === undefined ? [] : [`${event.action} refused: ${event.refused}`];
    case "unreadable":
      return [`a line of the record at byte ${event.offset} is not an event: ${event.reason}`];
    default:
      return [];
  }
}

function firstWords(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= SAMPLE_LENGTH ? line : `${line.slice(0, SAMPLE_LENGTH - 1)}…`;
}
