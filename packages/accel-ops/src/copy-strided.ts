/** Copies between strided arrays. */
import { check } from "./argument-error.js";
import { nativeBinding } from "./native.js";
import type { Real } from "./real.js";
import { checkDistinct, checkOperand, checkShape, disjoint, type Operand } from "./strided.js";

const native = nativeBinding<{
  copyStrided(src: Real, dst: Real, layout: Float64Array): void;
}>();

const maximumDims = 5;

/** Numbers for the native call, reused because a new typed array for each would cost as much as the call. */
const layout = new Float64Array(3 * maximumDims + 3);

/** A loop nest and the two operands it runs through. */
export interface CopyStridedOptions {
  /** Sizes of the loops, at most five. */
  readonly shape: readonly number[];
  readonly src: Operand;
  /** Does not overlap `src`, no element twice. */
  readonly dst: Operand;
}

/**
 * `dst[i, j, ...] = src[i, j, ...]`: slices, permutations and broadcasts, from fp16 to fp32 and back (rounded to
 * nearest even).
 *
 * @throws ArgumentError if an operand reaches beyond its array or the rules of `dst` are broken
 */
export function copyStrided({ shape, src, dst }: CopyStridedOptions): void {
  checkShape(shape, maximumDims, "copyStrided.shape");
  checkOperand(src, shape, "copyStrided.src");
  checkOperand(dst, shape, "copyStrided.dst");
  checkDistinct(shape, dst.strides, "copyStrided.dst");
  check(
    disjoint(src, shape, dst, shape),
    "copyStrided.dst",
    "must not overlap src",
    "shared memory",
  );
  if (shape.includes(0)) return;
  let at = 0;
  layout[at++] = shape.length;
  for (const size of shape) layout[at++] = size;
  for (const { offset = 0, strides } of [src, dst]) {
    layout[at++] = offset;
    for (const stride of strides) layout[at++] = stride;
  }
  native.copyStrided(src.data, dst.data, layout);
}
