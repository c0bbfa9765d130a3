/** Dense matrix product in float64, the inner loop of matmul and linear. */

/** Rows and columns of a matrix inside an array of many. */
export interface Dims {
  /** Rows of the result. */
  readonly m: number;
  /** Columns of the result. */
  readonly n: number;
  /** Length of the sums. */
  readonly k: number;
}

/** A [rows, columns] matrix from `offset`, transposed into a new array. */
export function transposed(
  data: Float64Array,
  offset: number,
  rows: number,
  columns: number,
): Float64Array {
  const result = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = data[offset + row * columns + column]!;
    }
  }
  return result;
}

/** out[m, n] = a[m, k] · b[k, n], each row-major from its offset; `out` must be zero there. */
export function multiply(
  { m, n, k }: Dims,
  a: Float64Array,
  aOffset: number,
  b: Float64Array,
  bOffset: number,
  out: Float64Array,
  outOffset: number,
): void {
  for (let row = 0; row < m; row++) {
    const target = outOffset + row * n;
    for (let i = 0; i < k; i++) {
      const factor = a[aOffset + row * k + i]!;
      const source = bOffset + i * n;
      for (let column = 0; column < n; column++) {
        out[target + column] = out[target + column]! + factor * b[source + column]!;
      }
    }
  }
}
