/** The runs in a folder, each by a look at the beginning and the end of its record: cheap for records of any length. */
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { codeOf, RunRecordsError } from "./errors.js";
import { parseEvent, type RecordedEvent } from "./recorded-event.js";
import { reduceRun } from "./reduce-run.js";
import { configPath, eventsPath, readConfig } from "./run-paths.js";
import { initialRunState } from "./run-state.js";
import { type RunStatus, runStatus } from "./run-status.js";

export interface RunSummary {
  /** Absolute. */
  readonly directory: string;
  /** Name of the folder. */
  readonly id: string;
  readonly status: RunStatus;
  /** Undefined where the configuration cannot be read: `problem` says why. */
  readonly model: string | undefined;
  readonly parameters: number | undefined;
  /** Micro-steps done. */
  readonly step: number;
  /** Micro-steps in all; undefined where only time ends the run, or nothing is known yet. */
  readonly steps: number | undefined;
  /** Mean training loss of the newest micro-steps. */
  readonly loss: number | undefined;
  /** The newest that is near the end of the record. */
  readonly validation: number | undefined;
  /** Milliseconds since 1970 of the first and the newest sign of the run. */
  readonly began: number;
  readonly changed: number;
  readonly problem: string | undefined;
}

const HEAD_BYTES = 16 << 10;
const TAIL_BYTES = 256 << 10;
const NEWLINE = 0x0a;

/** The newest first. Empty where there is no such folder. @throws RunRecordsError with code ERR_RUN_FILES */
export function listRuns(root: string): RunSummary[] {
  return folders(root)
    .filter((directory) => exists(configPath(directory)))
    .map(summarizeRun)
    .sort((a, b) => b.began - a.began || (a.id < b.id ? -1 : 1));
}

function folders(root: string): string[] {
  try {
    return readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map(({ name }) => resolve(root, name));
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return [];
    throw new RunRecordsError(
      "ERR_RUN_FILES",
      `${root}: must be a readable folder of runs, got ${(cause as Error).message}. Give another folder.`,
      { cause },
    );
  }
}

/** What is wrong with a run's own files is told in the summary: it must not hide other runs. */
export function summarizeRun(directory: string): RunSummary {
  const created = statSync(configPath(directory)).mtimeMs;
  const base = { directory, id: basename(directory) };
  try {
    const config = readConfig(directory);
    const { events, changed } = readEnds(eventsPath(directory));
    const state = events.reduce(reduceRun, initialRunState(config));
    const { steps } = config.execution;
    return {
      ...base,
      status: runStatus(directory, state.done),
      model: config.recipe.model.name,
      parameters: state.run?.parameters,
      step: state.step,
      steps: steps < Number.MAX_SAFE_INTEGER ? steps : undefined,
      loss: state.series.smoothedLoss[0.98].last?.value,
      validation: state.series.validation.last?.value,
      began: state.firstTime ?? created,
      changed: state.lastTime ?? changed ?? created,
      problem: undefined,
    };
  } catch (error) {
    if (!(error instanceof RunRecordsError)) throw error;
    return {
      ...base,
      status: runStatus(directory, undefined),
      model: undefined,
      parameters: undefined,
      step: 0,
      steps: undefined,
      loss: undefined,
      validation: undefined,
      began: created,
      changed: created,
      problem: error.message,
    };
  }
}

/** The first events and the last ones; of a short record all. */
function readEnds(path: string): { events: RecordedEvent[]; changed: number | undefined } {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return { events: [], changed: undefined };
    throw new RunRecordsError(
      "ERR_RUN_FILES",
      `${path}: the record must be a readable file, got ${(cause as Error).message}. Correct its rights.`,
      { cause },
    );
  }
  try {
    const { size, mtimeMs } = fstatSync(file);
    const isShort = size <= HEAD_BYTES + TAIL_BYTES;
    const head = isShort ? [] : linesOf(file, 0, HEAD_BYTES).slice(0, 1);
    const tail = isShort ? linesOf(file, 0, size) : linesOf(file, size - TAIL_BYTES, TAIL_BYTES);
    return { events: [...head, ...tail].map((line) => parseEvent(line, 0)), changed: mtimeMs };
  } finally {
    closeSync(file);
  }
}

/** The whole lines among some bytes of a file; the first, unless it begins the file, is taken for torn. */
function linesOf(file: number, start: number, length: number): string[] {
  const bytes = Buffer.alloc(length);
  const count = readSync(file, bytes, 0, length, start);
  return bytes
    .toString("utf8", 0, bytes.subarray(0, count).lastIndexOf(NEWLINE) + 1)
    .split("\n")
    .slice(start === 0 ? 0 : 1, -1);
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
