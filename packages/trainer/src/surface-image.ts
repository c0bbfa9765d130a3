/** What a surface [1, C, 1, W] holds, packed row by row and apart from it: [C, W] in the surface's dtype. */
import type { Surface } from "@ane/ane-runtime";

type Elements = Uint16Array | Float32Array;

export interface SurfaceImage {
  readonly dtype: "fp16" | "fp32";
  readonly shape: readonly [number, number, number, number];
  readonly elements: Elements;
}

export function imageOf(surface: Surface): SurfaceImage {
  const { dtype, shape } = surface;
  const [, rows, , columns] = shape;
  const elements =
    dtype === "fp16" ? new Uint16Array(rows * columns) : new Float32Array(rows * columns);
  surface.read((from) => {
    forEachRow(surface, (start, packed) => {
      elements.set(from.subarray(start, start + columns), packed);
    });
  });
  return { dtype, shape, elements };
}

/** @param elements As many as the surface has, in its dtype. */
export function fillSurface(surface: Surface, elements: Elements): void {
  const columns = surface.shape[3];
  surface.write((to) => {
    forEachRow(surface, (start, packed) => {
      to.set(elements.subarray(packed, packed + columns), start);
    });
  });
}

/** Whether an element, in fp16 its bits, is an infinity or NaN. */
export function isNonFinite(dtype: SurfaceImage["dtype"]): (element: number) => boolean {
  const exponent = 0x7c00; // of a half; all set in infinities and NaN
  return dtype === "fp16"
    ? (bits) => (bits & exponent) === exponent
    : (value) => !Number.isFinite(value);
}

/** @param visit Told where a row begins in the surface, and where it does in packed elements. */
function forEachRow(
  { shape, rowStride }: Surface,
  visit: (start: number, packed: number) => void,
): void {
  const [, rows, , columns] = shape;
  for (let row = 0; row < rows; row++) visit(row * rowStride, row * columns);
}
