/** Where the files of a run lie, as the trainer's documentation has it, and the reading of its configuration. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RunConfig } from "@ane/trainer";
import { codeOf, RunRecordsError } from "./errors.js";

export const eventsPath = (directory: string) => join(directory, "events.jsonl");
export const configPath = (directory: string) => join(directory, "config.json");
export const lockPath = (directory: string) => join(directory, "lock");

/** @throws RunRecordsError with code ERR_NO_RUN if the folder holds no run, ERR_RUN_FILES if its config.json is damaged. */
export function readConfig(directory: string): RunConfig {
  const path = configPath(directory);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    const isMissing = codeOf(cause) === "ENOENT" || codeOf(cause) === "ENOTDIR";
    throw new RunRecordsError(
      isMissing ? "ERR_NO_RUN" : "ERR_RUN_FILES",
      `${directory}: a run is a folder with a config.json, got ${isMissing ? "none there" : (cause as Error).message}. Give the folder that the run writes to.`,
      { cause },
    );
  }
  const config = parse(text);
  if (config?.version === 1 && config.recipe && config.execution) return config as RunConfig;
  throw new RunRecordsError(
    "ERR_RUN_FILES",
    `${path}: must be a run's configuration of version 1, got ${text.length === 0 ? "an empty file" : "something else"}. Restore the file as the run wrote it.`,
  );
}

function parse(text: string): Partial<RunConfig> | undefined {
  try {
    return (JSON.parse(text) as Partial<RunConfig> | null) ?? undefined;
  } catch {
    return undefined;
  }
}
