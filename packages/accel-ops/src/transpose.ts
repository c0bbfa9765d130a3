/** Transposition of fp32 matrices, to fp32 or to fp16. */
import { checkArray, checkInteger } from "./argument-error.js";
import { checkApart } from "./checks.js";
import { nativeBinding } from "./native.js";
import type { Real } from "./real.js";

const native = nativeBinding<{
  transpose(src: Float32Array, dst: Real, rows: number, columns: number): void;
}>();

/**
 * `dst[c·rows + r] = src[r·columns + c]`.
 *
 * @param src fp32 [rows, columns]
 * @param dst fp32 [columns, rows]; may not overlap `src`
 * @throws ArgumentError
 */
export function transpose(
  src: Float32Array,
  dst: Float32Array,
  rows: number,
  columns: number,
): void {
  checkSource("transpose", src, rows, columns);
  checkArray(dst, Float32Array, "transpose.dst", src.length);
  checkApart(dst, src, "transpose.dst", "src");
  native.transpose(src, dst, rows, columns);
}

/**
 * `dst[c·rows + r] = half(src[r·columns + c])`, rounded as `toHalf` rounds.
 *
 * @param src fp32 [rows, columns]
 * @param dst fp16 bits [columns, rows]; may not overlap `src`
 * @throws ArgumentError
 */
export function transposeToHalf(
  src: Float32Array,
  dst: Uint16Array,
  rows: number,
  columns: number,
): void {
  checkSource("transposeToHalf", src, rows, columns);
  checkArray(dst, Uint16Array, "transposeToHalf.dst", src.length);
  checkApart(dst, src, "transposeToHalf.dst", "src");
  native.transpose(src, dst, rows, columns);
}

function checkSource(where: string, src: Float32Array, rows: number, columns: number): void {
  checkInteger(rows, `${where}.rows`);
  checkInteger(columns, `${where}.columns`);
  checkArray(src, Float32Array, `${where}.src`, rows * columns);
}
