/** The run that a folder or a checkpoint belongs to. */
import { existsSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { type RunConfig, readRunConfig } from "./run-config.js";
import { runPaths } from "./run-directory.js";

/** Absolute; undefined for what is none of a run. */
export function runDirectoryOf(path: string): string | undefined {
  const given = resolve(path);
  const folder = dirname(given);
  const isCheckpoint = given.endsWith(".ckpt");
  const directory = isCheckpoint ? dirname(folder) : given;
  const { config, checkpoints, events } = runPaths(directory);
  if (isCheckpoint && basename(folder) !== basename(checkpoints)) return undefined;
  // A Hugging Face folder has a config.json, too.
  const isRun = existsSync(checkpoints) || existsSync(events);
  return isRun && existsSync(config) ? directory : undefined;
}

/**
 * @param path The folder of a run, or a checkpoint in it.
 * @returns Its configuration; undefined for what is none of a run.
 * @throws OptionError if the configuration cannot be read
 */
export function runOf(path: string): RunConfig | undefined {
  const directory = runDirectoryOf(path);
  return directory === undefined ? undefined : readRunConfig(runPaths(directory).config);
}
