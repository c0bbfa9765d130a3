/** Row-major arrays seen along one axis: `outer` blocks of `length` rows of `inner` elements. */

export interface AxisView {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

/** @param axis not negative */
export function axisView(shape: readonly number[], axis: number): AxisView {
  const product = (dims: readonly number[]) => dims.reduce((total, dim) => total * dim, 1);
  return {
    outer: product(shape.slice(0, axis)),
    length: shape[axis]!,
    inner: product(shape.slice(axis + 1)),
  };
}

/** Calls `line(start)` for every line along the axis; its elements are `start + i · inner`. */
export function forEachLine({ outer, length, inner }: AxisView, line: (start: number) => void) {
  for (let block = 0; block < outer; block++) {
    for (let offset = 0; offset < inner; offset++) line(block * length * inner + offset);
  }
}
