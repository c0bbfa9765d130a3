/** Shapes: the sizes of a tensor's dims, outermost first. */

export type Shape = readonly number[];

export function elementCount(shape: Shape): number {
  return shape.reduce((count, size) => count * size, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}
