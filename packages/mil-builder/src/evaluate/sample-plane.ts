/** Reads planes [H, W] between their elements and outside of them. */
import { roundHalfEven } from "./round-half-even.js";

/** What stands outside the plane; see coremltools iOS15 image_resizing.py, resample. */
export type Outside =
  | { readonly mode: "constant"; readonly value: number }
  | { readonly mode: "border" | "reflection" | "symmetric" };

export interface Plane {
  readonly data: Float64Array;
  readonly offset: number;
  readonly height: number;
  readonly width: number;
}

/** Bilinear; of a constant surrounding, elements outside count with its value. */
export function bilinear(plane: Plane, y: number, x: number, outside: Outside): number {
  const [top, left] = [Math.floor(y), Math.floor(x)];
  const [down, right] = [y - top, x - left];
  const row = (at: number) => {
    const a = pixel(plane, at, left, outside);
    return right === 0 ? a : a + (pixel(plane, at, left + 1, outside) - a) * right;
  };
  const upper = row(top);
  return down === 0 ? upper : upper + (row(top + 1) - upper) * down;
}

/** The nearest element; halves go to the even one, as in torch. */
export function nearest(plane: Plane, y: number, x: number, outside: Outside): number {
  return pixel(plane, roundHalfEven(y), roundHalfEven(x), outside);
}

function pixel(
  { data, offset, height, width }: Plane,
  y: number,
  x: number,
  outside: Outside,
): number {
  const inside = y >= 0 && y < height && x >= 0 && x < width;
  if (!inside && outside.mode === "constant") return outside.value;
  const [row, column] = inside
    ? [y, x]
    : [insideIndex(y, height, outside.mode), insideIndex(x, width, outside.mode)];
  return data[offset + row * width + column]!;
}

function insideIndex(index: number, length: number, mode: Outside["mode"]): number {
  if (mode === "border") return Math.min(length - 1, Math.max(0, index));
  // |1, 2, 3| is followed by |2, 1| or by |3, 2, 1|, and so on.
  const period = mode === "reflection" ? Math.max(1, 2 * (length - 1)) : 2 * length;
  const folded = ((index % period) + period) % period;
  return folded < length ? folded : period - folded - (mode === "reflection" ? 0 : 1);
}
