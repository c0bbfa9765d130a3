/** A run as a TensorBoard event file: curves as scalars, samples and configuration as text. */
import { basename, join, resolve } from "node:path";
import type { RecordedEvent } from "../recorded-event.js";
import { readConfig } from "../run-paths.js";
import { scalarsEvent, textEvent, versionEvent } from "./tensorboard-event.js";
import { tfRecord } from "./tf-record.js";
import { validEvents } from "./valid-events.js";
import { writeWholeFile } from "./whole-file.js";

type Scalars = readonly (readonly [tag: string, value: number | null | undefined])[];

/**
 * Writes what is valid of a run's record into one file of a folder, where an export of the same run is replaced.
 * @returns The file's path. @throws RunRecordsError with code ERR_NO_RUN, ERR_RUN_FILES or ERR_EXPORT
 */
export async function exportTensorboard(directory: string, folder: string): Promise<string> {
  readConfig(directory);
  // TensorBoard takes files with "tfevents" in their names.
  const path = join(folder, `events.out.tfevents.${basename(resolve(directory))}`);
  await writeWholeFile(path, records(directory));
  return path;
}

async function* records(directory: string): AsyncGenerator<Uint8Array, void, void> {
  let isFirst = true;
  for await (const { event, time } of validEvents(directory)) {
    const seconds = time / 1000;
    if (isFirst) {
      yield tfRecord(versionEvent(seconds));
      const config = JSON.stringify(readConfig(directory), null, 2);
      yield tfRecord(textEvent(seconds, 0, "config", codeBlock(config)));
    }
    isFirst = false;
    for (const message of messages(event, seconds)) yield tfRecord(message);
  }
}

function messages(event: RecordedEvent, seconds: number): Buffer[] {
  if (event.type === "sample") {
    return [
      textEvent(
        seconds,
        event.step,
        `sample/${event.prompt || "(no prompt)"}`,
        codeBlock(event.text),
      ),
    ];
  }
  const known = scalars(event).flatMap(([tag, value]) =>
    value === undefined || value === null ? [] : [[tag, value] as const],
  );
  return known.length > 0 && "step" in event ? [scalarsEvent(seconds, event.step, known)] : [];
}

function scalars(event: RecordedEvent): Scalars {
  switch (event.type) {
    case "step":
      return [
        ["loss/train", event.loss],
        ["learning_rate", event.lr],
        ["gradient/norm", event.gradNorm],
        ["gradient/loss_scale", event.lossScale],
        ["gradient/underflow", event.underflow],
        ["gradient/skipped_updates", event.skippedUpdates],
        ["speed/ms_per_step", event.ms],
        ["speed/tokens_per_second", (1000 * event.tokens) / event.ms],
        ["speed/device_share", event.breakdown.device / event.ms],
      ];
    case "evaluation":
      return [
        ["loss/validation", event.meanNll],
        ["loss/bits_per_byte", event.bitsPerByte],
      ];
    case "system":
      return [
        ["machine/memory_bytes", event.memory],
        ["machine/busy_cores", event.busyCores],
        ["machine/ane_watts", event.power?.ane],
        ["machine/cpu_watts", event.power?.cpu],
        ["machine/gpu_watts", event.power?.gpu],
      ];
    default:
      return [];
  }
}

/** Text as it is: Markdown shows an indented block without reading it. */
function codeBlock(text: string): string {
  return text.replace(/^/gm, "    ");
}
