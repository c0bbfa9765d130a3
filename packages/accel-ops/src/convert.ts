/** Conversion between fp32 and fp16 bits. */
import { check, checkArray, overlap } from "./argument-error.js";
import { nativeBinding } from "./native.js";

const native = nativeBinding<{
  toHalf(src: Float32Array, dst: Uint16Array): void;
  toFloat(src: Uint16Array, dst: Float32Array): void;
}>();

/**
 * `dst[i] = half(src[i])`, rounded to nearest even; beyond 65504 infinity, subnormals kept, NaN stays NaN.
 *
 * @param src fp32 [n]
 * @param dst fp16 bits [n]; may not overlap `src`
 */
export function toHalf(src: Float32Array, dst: Uint16Array): void {
  checkArray(src, Float32Array, "toHalf.src");
  checkArray(dst, Uint16Array, "toHalf.dst", src.length);
  check(!overlap(src, dst), "toHalf.dst", "must not overlap src", "shared memory");
  native.toHalf(src, dst);
}

/**
 * `dst[i] = float(src[i])`, exactly.
 *
 * @param src fp16 bits [n]
 * @param dst fp32 [n]; may not overlap `src`
 */
export function toFloat(src: Uint16Array, dst: Float32Array): void {
  checkArray(src, Uint16Array, "toFloat.src");
  checkArray(dst, Float32Array, "toFloat.dst", src.length);
  check(!overlap(src, dst), "toFloat.dst", "must not overlap src", "shared memory");
  native.toFloat(src, dst);
}
