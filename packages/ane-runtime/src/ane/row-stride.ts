/** The rule for rows where a model says nothing: each starts on a multiple of 64 bytes (M3 field guide, libane, rustane). */
import type { SurfaceDType } from "../device.js";

const ROW_BYTES = 64;

export function elementBytes(dtype: SurfaceDType): number {
  return dtype === "fp16" ? 2 : 4;
}

/** Elements from one row of `width` elements to the next. */
export function alignedRowStride(dtype: SurfaceDType, width: number): number {
  const rowElements = ROW_BYTES / elementBytes(dtype);
  return Math.ceil(width / rowElements) * rowElements;
}
