/** Runs `ane config show`. */
import { join } from "node:path";
import { type ResolvedRun, readRunConfig, resolveRun } from "@ane/trainer";
import { type GivenOptions, givenOptions, readStoredOptions } from "../config/stored-options.js";
import type { Context } from "../context.js";
import { UsageError } from "../errors.js";
import { kebab } from "../kebab.js";
import { runFolder } from "../run-folder.js";
import { formatConfig, type Section } from "../view/config.js";
import type { TrainFlags } from "./train-flags.js";
import { trainRequest } from "./train-options.js";

/** Options that a stored value comes from, where they are not of its name; the first that was given counts. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  model: ["model", "init"],
  accum: ["accum", "batchTokens"],
  steps: ["steps", "tokens", "epochs"],
  dataPath: ["data"],
  validationPath: ["validation"],
  initPath: ["init"],
  modelPath: ["model"],
  tokenizerPath: ["tokenizer"],
};

/** Where a value comes from that was not given, unless it is a default. */
const DERIVED: Readonly<Record<string, string>> = {
  seq: "the model",
  minLr: "lr and schedule",
  decayUpdates: "the run's length",
};

export async function runConfigShow(
  this: Context,
  flags: TrainFlags,
  run: string | undefined,
): Promise<void> {
  const { resolved, given } = await wanted(this, flags, run);
  const { recipe, execution } = resolved.config;
  const sections = { recipe: withOrigins(recipe, given), execution: withOrigins(execution, given) };
  this.process.stdout.write(
    flags.json
      ? `${JSON.stringify({ directory: resolved.directory, recipe, execution, given })}\n`
      : formatConfig(resolved.directory, sections),
  );
}

async function wanted(
  context: Context,
  flags: TrainFlags,
  run: string | undefined,
): Promise<{ readonly resolved: ResolvedRun; readonly given: GivenOptions }> {
  if (run === undefined) {
    const { options, origins } = await trainRequest(context, flags);
    const stored = options.resume === undefined ? {} : readStoredOptions(options.resume);
    const given = { ...stored, ...givenOptions(options, origins) };
    return { resolved: await resolveRun(options), given };
  }
  const extra = Object.entries(flags).find(
    ([name, value]) => name !== "json" && value !== undefined,
  );
  if (extra !== undefined) {
    throw new UsageError(
      `--${kebab(extra[0])}: a stored run has its options already, got ${run} as well. Give the run or flags.`,
    );
  }
  const directory = runFolder(context, run);
  const config = readRunConfig(join(directory, "config.json"));
  return { resolved: { directory, config, resumed: false }, given: readStoredOptions(directory) };
}

function withOrigins(values: object, given: GivenOptions): Section {
  return Object.entries(values).map(([name, value]) => {
    const source = (SOURCES[name] ?? [name]).find((option) => option in given);
    return {
      name,
      value,
      from: source === undefined ? (DERIVED[name] ?? "default") : given[source]!.from,
    };
  });
}
