/**
 * As many points as a picture has columns, with each column's lowest and highest value kept: no spike disappears.
 * Columns are of equal width on the axis that they are drawn on, linear or logarithmic.
 */
import type { AxisScale } from "./axes.js";
import type { Point, Series } from "./series.js";

/** What lies in one column of the picture. */
export interface Bucket {
  /** Number of the column, from 0; columns without points are left out. */
  readonly column: number;
  readonly count: number;
  readonly min: Point;
  readonly max: Point;
  readonly mean: number;
  readonly last: Point;
}

export interface DownsampleRange {
  /** First and last micro-step of the picture. Default: those of the series. */
  readonly from?: number;
  readonly to?: number;
  /** Of the axis of micro-steps. Default "linear". */
  readonly scale?: AxisScale;
}

/** Values that are not finite are left out. */
export function downsample(
  series: Series,
  columns: number,
  { from, to, scale = "linear" }: DownsampleRange = {},
): Bucket[] {
  if (series.length === 0 || columns < 1) return [];
  const first = from ?? series.at(0).step;
  const last = to ?? series.last!.step;
  const place = scale === "log" ? (step: number) => Math.log(Math.max(step, 1)) : Number;
  const [low, width] = [place(first), place(last) - place(first)];
  const buckets: Bucket[] = [];
  const begin = series.indexAfter(first - 1e-9);
  const end = series.indexAfter(last);
  const steps = series.steps.values();
  const values = series.values.values();
  for (let index = begin; index < end; ) {
    const column = columnOf(steps[index]!);
    let [lowest, highest, count, sum, newest] = [-1, -1, 0, 0, -1];
    for (; index < end && columnOf(steps[index]!) === column; index++) {
      const value = values[index]!;
      if (!Number.isFinite(value)) continue;
      if (lowest < 0 || value < values[lowest]!) lowest = index;
      if (highest < 0 || value > values[highest]!) highest = index;
      count += 1;
      sum += value;
      newest = index;
    }
    if (count === 0) continue;
    const [min, max, last] = [series.at(lowest), series.at(highest), series.at(newest)];
    buckets.push({ column, count, min, max, mean: sum / count, last });
  }
  return buckets;

  function columnOf(step: number): number {
    const share = width > 0 ? (place(step) - low) / width : 0;
    return Math.min(columns - 1, Math.floor(share * columns));
  }
}

/** The lowest and the highest point of each column, in their order: at most `2 · columns` points for a line. */
export function outline(series: Series, columns: number, range: DownsampleRange = {}): Point[] {
  if (series.length <= 2 * columns && range.from === undefined && range.to === undefined) {
    return Array.from({ length: series.length }, (_, index) => series.at(index)).filter(
      ({ value }) => Number.isFinite(value),
    );
  }
  return downsample(series, columns, range).flatMap(({ min, max }) => {
    if (min.step === max.step) return [min];
    return min.step < max.step ? [min, max] : [max, min];
  });
}
