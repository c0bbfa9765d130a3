/**
 * options.json of a run: the options that were given, with where from, beside the run's own config.json, which has what came of them.
 * A resumed run adds its own.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TrainOptions } from "@ane/trainer";
import type { Origins } from "./apply-config.js";

export interface GivenOption {
  readonly value: unknown;
  /** "--lr", "--set" or a file's name. */
  readonly from: string;
}

export type GivenOptions = Readonly<Record<string, GivenOption>>;

const fileOf = (directory: string) => join(directory, "options.json");

export function givenOptions(options: TrainOptions, origins: Origins): GivenOptions {
  const entries = Object.entries(options).filter(([name]) => name in origins && name !== "resume");
  return Object.fromEntries(
    entries.map(([name, value]) => [name, { value, from: origins[name]! }]),
  );
}

export function storeOptions(directory: string, given: GivenOptions): void {
  const all = { ...readStoredOptions(directory), ...given };
  writeFileSync(fileOf(directory), `${JSON.stringify(all, null, 2)}\n`);
}

/** None where the run has none, such as one that was started by a program. */
export function readStoredOptions(directory: string): GivenOptions {
  try {
    return JSON.parse(readFileSync(fileOf(directory), "utf8")) as GivenOptions;
  } catch {
    return {};
  }
}
