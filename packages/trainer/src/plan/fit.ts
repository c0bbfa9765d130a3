/** Least squares for few positive unknowns: Levenberg-Marquardt on their logarithms, derivatives by differences. */

const STEP = 1e-4;
const ROUNDS = 100;
/** Of the sum of squares. */
const PRECISION = 1e-9;

/**
 * @param start Logarithms to start from.
 * @param residuals Whose sum of squares is to be small.
 * @returns Logarithms of the unknowns.
 */
export function fitLogarithms(
  start: readonly number[],
  residuals: (logarithms: readonly number[]) => readonly number[],
): readonly number[] {
  let [point, damping] = [start, 1e-2];
  let current = residuals(point);
  for (let round = 0; round < ROUNDS; round++) {
    const slopes = point.map((_, i) => {
      const moved = residuals(point.map((value, j) => (i === j ? value + STEP : value)));
      return moved.map((value, k) => (value - current[k]!) / STEP);
    });
    const dot = (a: readonly number[], b: readonly number[]) =>
      a.reduce((sum, value, k) => sum + value * b[k]!, 0);
    const matrix = slopes.map((a, i) =>
      slopes.map((b, j) => dot(a, b) * (i === j ? 1 + damping : 1)),
    );
    const change = solve(
      matrix,
      slopes.map((slope) => -dot(slope, current)),
    );
    const next = point.map((value, i) => value + change[i]!);
    const found = residuals(next);
    const gain = dot(current, current) - dot(found, found);
    if (gain > 0) {
      [point, current, damping] = [next, found, damping / 4];
    } else {
      damping *= 4;
    }
    if (Math.abs(gain) < PRECISION) break;
  }
  return point;
}

/** x of matrix·x = right, matrix symmetric and positive definite: elimination without pivots. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((values, i) => [...values, right[i]!]);
  rows.forEach((pivot, i) => {
    for (const row of rows.slice(i + 1)) {
      const factor = row[i]! / pivot[i]!;
      for (let k = i; k < row.length; k++) row[k]! -= factor * pivot[k]!;
    }
  });
  const x = new Array<number>(rows.length).fill(0);
  for (let i = rows.length - 1; i >= 0; i--) {
    const row = rows[i]!;
    const known = x.reduce((sum, value, k) => (k > i ? sum + value * row[k]! : sum), 0);
    x[i] = (row.at(-1)! - known) / row[i]!;
  }
  return x;
}
