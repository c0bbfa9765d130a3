/** From the flags of `ane train` to the options of the trainer: configuration applied, paths absolute, runs found by name. */
import type { TrainOptions } from "@ane/trainer";
import { applyConfig, type Origins } from "../config/apply-config.js";
import { type Context, userPath } from "../context.js";
import { UsageError } from "../errors.js";
import { runFolder } from "../run-folder.js";
import { type TrainFlags, trainFlags } from "./train-flags.js";

const PATHS = ["init", "data", "validation", "tokenizer", "out", "resume"] as const;

const VIEW_FLAGS = ["logEvery", "json", "quiet", "dashboard", "plain", "ascii"] as const;

/** Models that are files. */
const MODEL_FILE = /\.(json|m?[jt]s)$/;

/** What `init` may be besides a path. */
const INIT_WORDS = ["scratch", "resume"];

function isPath(option: string, value: unknown): boolean {
  if (option === "model") return MODEL_FILE.test(String(value));
  if (option === "init" && INIT_WORDS.includes(String(value))) return false;
  return (PATHS as readonly string[]).includes(option);
}

export interface TrainRequest {
  /** All flags, with what the configuration gives. */
  readonly flags: TrainFlags;
  /** The trainer's part of them; without signal. */
  readonly options: TrainOptions;
  readonly origins: Origins;
}

/** @throws UsageError */
export async function trainRequest(context: Context, given: TrainFlags): Promise<TrainRequest> {
  const { flags, origins } = await applyConfig(context, given, trainFlags, {
    command: "train",
    isPath,
  });
  const words = wordsOfInit(flags);
  expectOneStart({ ...words, ...(given.scratch && { scratch: true }) });
  const options = withoutView(words);
  const paths = Object.fromEntries(
    PATHS.flatMap((name) => {
      const path = options[name];
      return path === undefined ? [] : [[name, userPath(context, path)]];
    }),
  );
  return {
    flags,
    origins,
    options: {
      ...options,
      ...paths,
      ...(isPath("model", options.model) && { model: userPath(context, options.model!) }),
      ...(options.resume === undefined ? {} : { resume: runFolder(context, options.resume) }),
      runsDirectory: userPath(context, "runs"),
    },
  };
}

/** Without the flags that only say how the run is shown. */
function withoutView(flags: TrainFlags): Omit<TrainFlags, (typeof VIEW_FLAGS)[number]> {
  const options = { ...flags };
  for (const name of VIEW_FLAGS) delete (options as Record<string, unknown>)[name];
  return options;
}

/** `--init scratch` and `--init resume`, as nanoGPT has them. */
function wordsOfInit(flags: TrainFlags): TrainFlags {
  const { init, ...others } = flags;
  if (init === "scratch") return others;
  return init === "resume" ? { resume: "", ...others } : flags;
}

function expectOneStart({ scratch, init, resume }: TrainFlags): void {
  if (!scratch || (init === undefined && resume === undefined)) return;
  const other = init === undefined ? "--resume" : `--init ${init}`;
  throw new UsageError(
    `--scratch: a run starts in one way, got ${other} as well. Leave one of them out.`,
  );
}
