/** What a page shows of a run that its steps do not change. */
import { type RunState, referenceLosses } from "@ane/run-records";
import type { RunFacts } from "./wire.js";

/** Of a device by its description: the most that it was measured to do, 10^12 operations per second; undefined if it was not. */
export type PeakOf = (device: string) => number | undefined;

export function runFacts(directory: string, { config, run }: RunState, peakOf: PeakOf): RunFacts {
  const recipe = config?.recipe;
  const peakTflops = run && peakOf(run.device);
  return {
    directory,
    ...(recipe && { model: recipe.model.name, seq: recipe.seq, clip: recipe.clip }),
    ...(peakTflops === undefined ? {} : { peakTflops }),
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
