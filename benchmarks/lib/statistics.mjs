/** What a list of measurements comes to. Medians are compared; the spread shows what they are worth. */

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** @returns {{ min: number, median: number, max: number }} */
export function spread(numbers) {
  return { min: Math.min(...numbers), median: median(numbers), max: Math.max(...numbers) };
}

/** Element-wise medians of records with equal keys. */
export function medianRecord(records) {
  const keys = Object.keys(records[0] ?? {});
  return Object.fromEntries(keys.map((key) => [key, median(records.map((each) => each[key]))]));
}

/** Milliseconds that `action` takes. */
export function milliseconds(action) {
  const start = performance.now();
  action();
  return performance.now() - start;
}
