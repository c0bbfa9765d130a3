/**
 * The learning rate of an update: a linear warm-up to `lr`, then constant, or down to `minLr` along half a cosine (Loshchilov and
 * Hutter 2017, SGDR, without restarts) or a line. A function of the recipe and the update's number: nothing to resume.
 */

export const SCHEDULES = ["constant", "cosine", "linear"] as const;

export type ScheduleName = (typeof SCHEDULES)[number];

/** What the learning rate is a function of, besides the update. */
export interface Schedule {
  readonly lr: number;
  readonly schedule: ScheduleName;
  readonly warmup: number;
  /** `lr` itself in a constant schedule. */
  readonly minLr: number;
  /** 0 in a constant schedule. */
  readonly decayUpdates: number;
}

/** Share of the way from `minLr` to `lr` that is left when `progress`, from 0 to 1, of the decay is done. */
const REMAINING: Readonly<Record<ScheduleName, (progress: number) => number>> = {
  constant: () => 1,
  cosine: (progress) => (1 + Math.cos(Math.PI * progress)) / 2,
  linear: (progress) => 1 - progress,
};

/**
 * Update `warmup` is the first with `lr`, update `decayUpdates` the first with `minLr`, and so are all later ones.
 * @param update From 1.
 */
export function learningRate(recipe: Schedule, update: number): number {
  const { lr, schedule, warmup, minLr, decayUpdates } = recipe;
  if (update <= warmup) return (lr * update) / warmup;
  const progress = Math.min(1, (update - warmup) / (decayUpdates - warmup));
  return minLr + (lr - minLr) * REMAINING[schedule](progress);
}
