/** Softmax along any axis. */
import { check, checkInteger } from "./argument-error.js";
import { checkReal } from "./checks.js";
import { nativeBinding } from "./native.js";
import type { Real } from "./real.js";

const native = nativeBinding<{
  softmax(
    x: Real,
    out: Real,
    xOffset: number,
    outOffset: number,
    outer: number,
    axis: number,
    inner: number,
  ): void;
}>();

export interface SoftmaxOptions {
  readonly outer: number;
  readonly axis: number;
  readonly inner: number;
  /** [outer, axis, inner] from `xOffset` elements on. */
  readonly x: Real;
  readonly xOffset?: number;
  /** [outer, axis, inner] from `outOffset` elements on; the elements of `x` themselves, or apart from them. */
  readonly out: Real;
  readonly outOffset?: number;
}

/**
 * `out = exp(x − max) / Σ exp(x − max)` along the middle axis, in fp32, rounded once to the type of `out`. NaN where a
 * row has a NaN, +infinity or nothing but −infinity.
 *
 * @throws ArgumentError
 */
export function softmax(options: SoftmaxOptions): void {
  const { outer, axis, inner, x, xOffset = 0, out, outOffset = 0 } = options;
  checkInteger(outer, "softmax.outer");
  checkInteger(axis, "softmax.axis");
  checkInteger(inner, "softmax.inner");
  const length = outer * axis * inner;
  checkReal(x, "softmax.x", xOffset, length);
  checkReal(out, "softmax.out", outOffset, length);
  if (x.buffer === out.buffer) {
    const from = x.byteOffset + xOffset * x.BYTES_PER_ELEMENT;
    const to = out.byteOffset + outOffset * out.BYTES_PER_ELEMENT;
    const same = from === to && x.BYTES_PER_ELEMENT === out.BYTES_PER_ELEMENT;
    const apart =
      from >= to + length * out.BYTES_PER_ELEMENT || to >= from + length * x.BYTES_PER_ELEMENT;
    check(same || apart, "softmax.out", "must be x or not overlap it", "shared memory");
  }
  native.softmax(x, out, xOffset, outOffset, outer, axis, inner);
}
