/** When a run is killed and which of its processes: drawn from a seed, so that a campaign can be repeated. */

/**
 * "start": modules, folder, lock, configuration, arena, restoring. "checkpoint": while one is written. "log": as the event log grows.
 * "handOver": while two workers exist. "anytime": after some micro-steps.
 */
export const MOMENTS = ["start", "checkpoint", "log", "handOver", "anytime"] as const;
export type Moment = (typeof MOMENTS)[number];

export const VICTIMS = ["worker", "supervisor", "all"] as const;
export type Victim = (typeof VICTIMS)[number];

export interface KillPoint {
  readonly moment: Moment;
  readonly victim: Victim;
  /** Micro-steps that are waited for first. */
  readonly steps: number;
  /** How long after the moment, in milliseconds. */
  readonly delayMs: number;
  /** Whether the next attempt begins at once, while what is left of this one may still be working. */
  readonly hasty: boolean;
}

const LONGEST_DELAY_MS: Readonly<Record<Moment, number>> = {
  start: 600,
  checkpoint: 3,
  log: 1,
  handOver: 120,
  anytime: 120,
};

const MOST_STEPS = 6;

/** Draws in [0, 1): a 32-bit integer hash (Wellons' lowbias32) of the seed and the draw's number. */
export function drawsFrom(seed: number): () => number {
  let draws = 0;
  return () => {
    draws += 1;
    let x = (Math.imul(seed, 0x9e3779b1) + draws) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
  };
}

/** @param ranks Of several, the survivors of a kill save what they can: no attempt is hasty. */
export function drawKillPoint(draw: () => number, ranks: number): KillPoint {
  const among = <T>(items: readonly T[]): T => items[Math.floor(draw() * items.length)]!;
  const moment = among(MOMENTS);
  return {
    moment,
    victim: among(VICTIMS),
    steps: moment === "start" ? 0 : Math.floor(draw() * MOST_STEPS),
    delayMs: draw() * LONGEST_DELAY_MS[moment],
    hasty: draw() < 0.25 && ranks === 1,
  };
}
