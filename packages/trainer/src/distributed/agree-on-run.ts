/** All ranks do rank 0's run: each resolves its own options, and they go on only if that came to the same. */
import { isDeepStrictEqual } from "node:util";
import type { Communicator } from "@ane/mpi";
import { OptionError } from "../errors.js";
import type { TrainOptions } from "../options.js";
import type { ResolvedRun } from "../run-config.js";
import { gatherTexts } from "./gather-texts.js";

/** Of the execution: each rank's own affair, as the files are known by their content. */
const PATHS = new Set(["dataPath", "validationPath", "initPath", "modelPath", "tokenizerPath"]);

/**
 * @param options As they were given: `out` and `resume` are compared as such, because a new run's folder has the time in its name.
 * @returns The run in rank 0's folder.
 * @throws OptionError, on all ranks, naming an option that differs
 */
export async function agreeOnRun(
  group: Communicator,
  { out, resume }: TrainOptions,
  run: ResolvedRun,
): Promise<ResolvedRun> {
  const { recipe, execution } = run.config;
  const shared = Object.entries(execution).filter(([name]) => !PATHS.has(name));
  const own = {
    ...recipe,
    ...Object.fromEntries(shared),
    out: out ?? null,
    resume: resume ?? null,
  };
  const texts = await gatherTexts(group, JSON.stringify({ own, directory: run.directory }));
  const all = texts.map((text) => JSON.parse(text) as { own: typeof own; directory: string });
  const first = all[0]!;
  for (const [rank, other] of all.entries()) {
    for (const [name, value] of Object.entries(first.own)) {
      const otherValue = other.own[name as keyof typeof own];
      if (isDeepStrictEqual(value, otherValue)) continue;
      throw new OptionError(
        name,
        `must be the same on all ranks, got ${JSON.stringify(value)} on rank 0 and ${JSON.stringify(otherValue)} on rank ${rank}. ` +
          "Give every rank the same options and the same files.",
      );
    }
  }
  return { ...run, directory: first.directory };
}
