/** What a page shows of a run that its steps do not change. */
import { type RunState, referenceLosses } from "@ane/run-records";
import type { RunFacts } from "./wire.js";

export function runFacts(directory: string, { config, run }: RunState): RunFacts {
  const recipe = config?.recipe;
  return {
    directory,
    ...(recipe && { model: recipe.model.name, seq: recipe.seq, clip: recipe.clip }),
    ...(run && {
      parameters: run.parameters,
      pipeline: run.pipeline,
      device: run.device,
      accum: run.accum,
      ranks: run.ranks,
      seed: run.seed,
      trainTokens: run.trainTokens,
      minutes: run.minutes,
    }),
    references: config ? referenceLosses(config) : [],
  };
}
