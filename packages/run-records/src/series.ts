/** Values over micro-steps: what a curve is drawn from. A value itself, as its columns are. */
import { Column } from "./column.js";

export interface Point {
  readonly step: number;
  readonly value: number;
}

export class Series {
  static readonly empty = new Series(Column.empty, Column.empty);

  /** Ascending; several series may share one. */
  readonly steps: Column;
  readonly values: Column;

  /** @param steps As long as `values`. */
  constructor(steps: Column, values: Column) {
    this.steps = steps;
    this.values = values;
  }

  get length(): number {
    return this.values.length;
  }

  get last(): Point | undefined {
    return this.length === 0 ? undefined : this.at(this.length - 1);
  }

  /** Of an index below `length`. */
  at(index: number): Point {
    return { step: this.steps.at(index), value: this.values.at(index) };
  }

  push(step: number, value: number): Series {
    return new Series(this.steps.push(step), this.values.push(value));
  }

  /** Without what comes after a micro-step. */
  until(step: number): Series {
    const length = this.indexAfter(step);
    return length === this.length
      ? this
      : new Series(this.steps.take(length), this.values.take(length));
  }

  /** How many points are at `step` or before it. */
  indexAfter(step: number): number {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.steps.at(middle) <= step) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The first of the lowest points. */
export function lowest(series: Series): Point | undefined {
  const values = series.values.values();
  let best = -1;
  for (let index = 0; index < values.length; index++) {
    if (best < 0 ? Number.isFinite(values[index]) : values[index]! < values[best]!) best = index;
  }
  return best < 0 ? undefined : series.at(best);
}
