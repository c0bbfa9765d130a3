/** Which entry of a vector along an axis belongs to an element. */

/** Maps flat indices of `shape` to indices along `axis` (negative counts from the end); to 0 for a vector of one. */
export function axisIndex(
  shape: readonly number[],
  axis: number | undefined,
  length: number,
): (i: number) => number {
  if (axis === undefined || length === 1) return () => 0;
  const along = axis < 0 ? axis + shape.length : axis;
  const stride = shape.slice(along + 1).reduce((product, dim) => product * dim, 1);
  return (i) => Math.floor(i / stride) % length;
}
