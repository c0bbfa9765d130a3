/** Medians of repeated measurements, with their spread. */

/** Of sorted measurements: the middle, and the middle half's ends. */
export interface Spread {
  readonly median: number;
  readonly lower: number;
  readonly upper: number;
  readonly runs: number;
}

/** Quartiles of at least one measurement. */
export function spreadOf(measurements: readonly number[]): Spread {
  const sorted = [...measurements].sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.round(part * (sorted.length - 1))]!;
  return { median: at(0.5), lower: at(0.25), upper: at(0.75), runs: sorted.length };
}

/** Milliseconds per call of `work`, after `warmUp` calls that are not counted. */
export function timeRuns(work: () => void, { runs = 20, warmUp = 3 } = {}): Spread {
  const measurements: number[] = [];
  for (let run = -warmUp; run < runs; run++) {
    const start = performance.now();
    work();
    if (run >= 0) measurements.push(performance.now() - start);
  }
  return spreadOf(measurements);
}
