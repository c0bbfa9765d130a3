/** Axes of plots: where a value lies between two ends, and which round values are labelled. */

export type AxisScale = "linear" | "log";

/** From a value to its place between the ends, 0 to 1 inside; NaN for what a logarithm does not have. */
export function axisPlace(scale: AxisScale, low: number, high: number): (value: number) => number {
  const map = scale === "log" ? Math.log : Number;
  const [start, width] = [map(low), map(high) - map(low)];
  return (value) => (width > 0 ? (map(value) - start) / width : 0.5);
}

/** Ends that differ by less, relative to their size, are one value. */
const SAME = 1e-9;

/**
 * At most `most` round values inside both ends, ascending: 1, 2 or 5 times a power of ten apart; on a logarithmic axis
 * of at least a decade powers of ten, with their 2 and 5 where there is room.
 */
export function axisTicks(scale: AxisScale, low: number, high: number, most: number): number[] {
  if (!(high >= low) || !Number.isFinite(high - low) || most < 1) return [];
  if (scale === "log" && low > 0 && high / low >= 10) {
    for (const factors of [[1, 2, 5], [1]]) {
      const ticks = decades(low, high, factors);
      if (ticks.length <= most) return ticks;
    }
    const powers = decades(low, high, [1]);
    const every = Math.ceil(powers.length / most);
    return powers.filter((_, index) => index % every === 0);
  }
  if (high - low <= SAME * Math.max(Math.abs(low), Math.abs(high))) return [low];
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  for (const factor of [1, 2, 5, 10, 20, 50]) {
    const ticks = multiples(low, high, factor * power);
    if (ticks.length <= most) return ticks;
  }
  return [];
}

/** As a label: the digits that tell neighbouring ticks apart, thousands as "12k". */
export function tickLabel(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1e15 || size < 1e-3)
    return value.toExponential(1).replace(".0e", "e").replace("e+", "e");
  for (const [unit, suffix] of [
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const) {
    if (size >= unit) return `${Number((value / unit).toPrecision(4))}${suffix}`;
  }
  return String(Number(value.toPrecision(4)));
}

function decades(low: number, high: number, factors: readonly number[]): number[] {
  const ticks: number[] = [];
  for (let exponent = Math.floor(Math.log10(low)); exponent <= Math.log10(high); exponent++) {
    for (const factor of factors) {
      const tick = rounded(factor * 10 ** exponent);
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks;
}

function multiples(low: number, high: number, interval: number): number[] {
  const first = Math.ceil(low / interval - 1e-9);
  const last = Math.floor(high / interval + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) =>
    rounded((first + index) * interval),
  );
}

/** Without the last bits' error of a multiplication. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}
