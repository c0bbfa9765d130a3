/**
 * What options mean to several ranks: `accum` is each rank's own, so that an update has `accum` times as many micro-steps as there
 * are ranks; everything else is the whole run's. The stored recipe is that of one process which does it all.
 */
import { OptionError } from "../errors.js";
import type { TrainOptions } from "../options.js";
import type { ResolvedRun } from "../run-config.js";
import { resolveAccum } from "../run-length.js";

/** The options of one process that does what all ranks do. Wrong values stay: resolving them says so. */
export function optionsOfAll(options: TrainOptions, ranks: number): TrainOptions {
  const { accum, batchTokens, resume } = options;
  if (batchTokens !== undefined || (resume !== undefined && accum === undefined)) return options;
  const own = accum ?? resolveAccum({}, 1);
  return { ...options, accum: Number.isInteger(own) ? own * ranks : own };
}

/**
 * Ranks end an update together, so the run is rounded up to whole updates.
 * @throws OptionError if an update cannot be divided evenly
 */
export function inWholeUpdates(run: ResolvedRun, ranks: number): ResolvedRun {
  if (ranks === 1) return run;
  const { recipe, execution } = run.config;
  const { accum, seq } = recipe;
  if (accum % ranks !== 0) {
    throw new OptionError(
      "distributed",
      `the micro-steps of an update must be divisible by the ranks, got ${accum} (${accum * seq} tokens) for ${ranks}. ` +
        "Start as many ranks as divide them, or a new run with another batch.",
    );
  }
  const steps = Math.min(Math.ceil(execution.steps / accum) * accum, Number.MAX_SAFE_INTEGER);
  return { ...run, config: { ...run.config, execution: { ...execution, steps } } };
}
