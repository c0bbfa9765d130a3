/** The options of the learning rate's schedule, which depend on each other and on the run's length. */
import { OptionError } from "./errors.js";
import type { TrainOptions } from "./options.js";
import type { Recipe } from "./run-config.js";
import { UNLIMITED } from "./run-length.js";

/** The default of `minLr`, as a share of `lr`. */
const DEFAULT_FLOOR = 0.1;

/**
 * @param run What is resolved already: warm-up in updates, the run's micro-steps.
 * @throws OptionError
 */
export function resolveSchedule(
  options: TrainOptions,
  run: {
    readonly lr: number;
    readonly warmup: number;
    readonly accum: number;
    readonly steps: number;
  },
): Pick<Recipe, "schedule" | "warmup" | "minLr" | "decayUpdates"> {
  const { schedule = "constant", minLr, decayUpdates } = options;
  const { lr, warmup, accum, steps } = run;
  if (schedule === "constant") {
    for (const name of ["minLr", "decayUpdates"] as const) {
      if (options[name] === undefined) continue;
      throw new OptionError(
        name,
        `must be left out with the constant schedule, got ${options[name]}. Add schedule "cosine" or "linear".`,
      );
    }
    return { schedule, warmup, minLr: lr, decayUpdates: 0 };
  }
  if (decayUpdates === undefined && steps === UNLIMITED) {
    throw new OptionError(
      "schedule",
      `must know the updates that it is for, got ${schedule} in a run limited by minutes alone. Give decayUpdates, or steps, tokens or epochs beside minutes.`,
    );
  }
  const updates = decayUpdates ?? Math.ceil(steps / accum);
  if (warmup >= updates) {
    throw new OptionError(
      "warmup",
      `must be less than the ${updates} updates of the ${schedule} schedule, got ${warmup}. Warm up for less, or train for longer.`,
    );
  }
  const floor = minLr ?? DEFAULT_FLOOR * lr;
  if (floor > lr) {
    throw new OptionError(
      "minLr",
      `must be at most lr = ${lr}, got ${floor}. The rate decays from lr to minLr.`,
    );
  }
  return { schedule, warmup, minLr: floor, decayUpdates: updates };
}
