/** One row per micro-step, an empty cell for what it does not tell; RFC 4180 without any need for quotes. */
import type { Breakdown } from "@ane/trainer";
import type { RecordedEvent } from "../recorded-event.js";
import { readConfig } from "../run-paths.js";
import { validEvents } from "./valid-events.js";
import { writeWholeFile } from "./whole-file.js";

const BREAKDOWN: readonly (keyof Breakdown)[] = [
  "data",
  "device",
  "conversion",
  "classifier",
  "loss",
  "weightGradient",
  "elementwise",
  "optimizer",
  "exchange",
  "staging",
  "other",
];

export const CSV_COLUMNS: readonly string[] = [
  "step",
  "time",
  "loss",
  "lr",
  "ms",
  "tokens",
  "gradNorm",
  "lossScale",
  "underflow",
  "skippedUpdates",
  "validation",
  "bitsPerByte",
  "memory",
  "busyCores",
  "aneWatts",
  "cpuWatts",
  "gpuWatts",
  ...BREAKDOWN.map((part) => `${part}Ms`),
];

type Row = Record<string, string | number | undefined>;

/**
 * Writes what is valid of a run's record. `time` is ISO 8601, times are milliseconds, losses nats per token.
 * @throws RunRecordsError with code ERR_NO_RUN, ERR_RUN_FILES or ERR_EXPORT
 */
export async function exportCsv(directory: string, path: string): Promise<void> {
  readConfig(directory);
  await writeWholeFile(path, csvLines(directory));
}

async function* csvLines(directory: string): AsyncGenerator<string, void, void> {
  yield `${CSV_COLUMNS.join(",")}\n`;
  let row: Row | undefined;
  for await (const { event, time } of validEvents(directory)) {
    const cells = cellsOf(event);
    if (cells === undefined) continue;
    if (row !== undefined && (event.type === "step" || row.step !== cells.step)) {
      yield line(row);
      row = undefined;
    }
    row = { time: new Date(time).toISOString(), ...row, ...cells };
  }
  if (row !== undefined) yield line(row);
}

function cellsOf(event: RecordedEvent): Row | undefined {
  switch (event.type) {
    case "step": {
      const { step, loss, lr, ms, tokens, breakdown } = event;
      const { gradNorm, lossScale, underflow, skippedUpdates } = event;
      const parts = BREAKDOWN.map((part) => [`${part}Ms`, breakdown[part]]);
      return {
        ...{ step, loss, lr, ms, tokens, gradNorm, lossScale, underflow, skippedUpdates },
        ...Object.fromEntries(parts),
      };
    }
    case "evaluation":
      return { step: event.step, validation: event.meanNll, bitsPerByte: event.bitsPerByte };
    case "system": {
      const { step, memory, busyCores, power } = event;
      const watts = { aneWatts: power?.ane, cpuWatts: power?.cpu, gpuWatts: power?.gpu };
      return { step, memory, busyCores, ...watts };
    }
    default:
      return undefined;
  }
}

function line(row: Row): string {
  return `${CSV_COLUMNS.map((column) => row[column] ?? "").join(",")}\n`;
}
