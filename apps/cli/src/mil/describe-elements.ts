/** A tensor's elements in a few numbers. */

export interface ElementSummary {
  /** Of the finite elements; NaN where there are none. */
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly nonFinite: number;
  readonly first: readonly number[];
}

const SHOWN = 8;

export function describeElements(elements: ArrayLike<number>): ElementSummary {
  let [min, max, sum, finite] = [Infinity, -Infinity, 0, 0];
  for (let i = 0; i < elements.length; i++) {
    const value = elements[i]!;
    if (!Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
    finite++;
  }
  return {
    min: finite === 0 ? Number.NaN : min,
    max: finite === 0 ? Number.NaN : max,
    mean: sum / finite,
    nonFinite: elements.length - finite,
    first: Array.from({ length: Math.min(SHOWN, elements.length) }, (_, i) => elements[i]!),
  };
}
