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
  const edge = columnEdges(first, last, columns, scale);
  const end = series.indexAfter(last);
  const buckets: Bucket[] = [];
  let start = first > 0 ? series.indexAfter(BELOW * first) : 0;
  for (let column = 0; column < columns && start < end; column++) {
    const next = column === columns - 1 ? end : Math.min(end, series.indexAfter(edge(column + 1)));
    const bucket = bucketOf(series, start, next);
    if (bucket) buckets.push({ column, ...bucket });
    start = next;
  }
  return buckets;
}

/** Takes a number to just below itself, its rounding error included. */
const BELOW = 1 - 1e-12;

/** @returns From a column's number to just below the first micro-step that it may have. */
function columnEdges(
  first: number,
  last: number,
  columns: number,
  scale: AxisScale,
): (column: number) => number {
  if (scale === "linear") return (column) => BELOW * (first + (column / columns) * (last - first));
  const low = Math.max(first, 1);
  const decades = Math.log(Math.max(last, low) / low);
  return (column) => BELOW * low * Math.exp((column / columns) * decades);
}

/** Of the points from index `start` to before `end`; nothing where none is finite. */
function bucketOf(series: Series, start: number, end: number): Omit<Bucket, "column"> | undefined {
  const values = series.values.values();
  let [lowest, highest, newest, count, sum] = [-1, -1, -1, 0, 0];
  for (let index = start; index < end; index++) {
    const value = values[index]!;
    if (!Number.isFinite(value)) continue;
    if (lowest < 0 || value < values[lowest]!) lowest = index;
    if (highest < 0 || value > values[highest]!) highest = index;
    newest = index;
    count += 1;
    sum += value;
  }
  if (count === 0) return undefined;
  const [min, max, last] = [series.at(lowest), series.at(highest), series.at(newest)];
  return { count, min, max, mean: sum / count, last };
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
