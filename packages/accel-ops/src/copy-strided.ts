/** Copies between strided arrays. */
import { check } from "./argument-error.js";
import { nativeBinding } from "./native.js";
import type { Real } from "./real.js";
import { checkDistinct, checkOperand, checkShape, disjoint, type Operand } from "./strided.js";

const native = nativeBinding<{
  copyStrided(src: Real, dst: Real, layout: Float64Array): void;
}>();

const maximumDims = 5;

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
  const apart = disjoint({ ...src, sizes: shape }, { ...dst, sizes: shape });
  check(apart, "copyStrided.dst", "must not overlap src", "shared memory");
  if (shape.includes(0)) return;
  const layout = [shape.length, ...shape];
  for (const { offset = 0, strides } of [src, dst]) layout.push(offset, ...strides);
  native.copyStrided(src.data, dst.data, Float64Array.from(layout));
}
