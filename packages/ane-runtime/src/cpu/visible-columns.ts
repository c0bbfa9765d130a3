/** What an additive attention mask leaves visible, read from its elements when a program is lowered. */

/** Columns are skipped in steps of so many: whole vectors and blocks of products. */
const GRAIN = 32;
/** A masked element is at most -MASKED; attention scores of a working model are far smaller. */
const MASKED = 1024;

export interface Visible {
  /** For each row, the number of columns after which all are masked, a multiple of GRAIN; it never falls. */
  readonly limits: Int32Array;
  /** What is added to the masked columns is at most minus this. */
  readonly depth: number;
}

/**
 * @param mask [rows, columns]
 * @returns undefined where too little is masked to matter, a row has no element that is exactly 0, or some columns are
 * masked in all rows
 */
export function visibleColumns(
  mask: ArrayLike<number>,
  rows: number,
  columns: number,
): Visible | undefined {
  const limits = new Int32Array(rows);
  let depth = Number.POSITIVE_INFINITY;
  let limit = 0;
  for (let row = 0; row < rows; row++) {
    let last = columns - 1;
    while (last >= 0 && mask[row * columns + last]! <= -MASKED) last--;
    limit = Math.max(limit, Math.min(columns, Math.ceil((last + 1) / GRAIN) * GRAIN));
    limits[row] = limit;
    let isOpen = false;
    for (let column = 0; column <= last; column++) isOpen ||= mask[row * columns + column] === 0;
    if (!isOpen) return undefined;
    for (let column = limit; column < columns; column++) {
      depth = Math.min(depth, -mask[row * columns + column]!);
    }
  }
  const seen = limits.reduce((sum, one) => sum + one, 0);
  return limit === columns && seen < 0.95 * rows * columns ? { limits, depth } : undefined;
}
