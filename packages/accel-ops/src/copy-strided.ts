/** Copies between layouts: permutations, slices, and fp16 ↔ fp32 on the way. */
import { check, checkInteger } from "./argument-error.js";
import { checkReal } from "./checks.js";
import { nativeBinding } from "./native.js";
import type { Real } from "./real.js";

const native = nativeBinding<{
  copyStrided(
    src: Real,
    dst: Real,
    srcOffset: number,
    dstOffset: number,
    geometry: Int32Array,
  ): void;
}>();

/** Dims of a tensor that `copyStrided` takes. */
const maxDims = 5;

/** Where a tensor lies: element (i, j, ...) is `data[offset + i·strides[0] + j·strides[1] + ...]`. */
export interface StridedTensor {
  readonly data: Real;
  readonly offset?: number;
  /** Elements, one per dim; not negative, 0 repeats. */
  readonly strides: readonly number[];
}

export interface CopyStridedOptions {
  /** At most 5 dims. */
  readonly shape: readonly number[];
  readonly src: StridedTensor;
  /** No two elements may share a place, and none a place of `src`. */
  readonly dst: StridedTensor;
}

/**
 * `dst[i, j, ...] = src[i, j, ...]`, rounded as `toHalf` rounds where dst is fp16 and src fp32.
 *
 * @throws ArgumentError
 */
export function copyStrided({ shape, src, dst }: CopyStridedOptions): void {
  check(shape.length <= maxDims, "copyStrided.shape", `must have at most ${maxDims} dims`, shape);
  for (const size of shape) checkInteger(size, "copyStrided.shape", 0, 2 ** 31 - 1);
  checkTensor(src, shape, "copyStrided.src");
  checkTensor(dst, shape, "copyStrided.dst");
  const geometry = Int32Array.of(...shape, ...src.strides, ...dst.strides);
  native.copyStrided(src.data, dst.data, src.offset ?? 0, dst.offset ?? 0, geometry);
}

function checkTensor(tensor: StridedTensor, shape: readonly number[], where: string): void {
  const { data, offset = 0, strides } = tensor;
  check(
    strides.length === shape.length,
    `${where}.strides`,
    `must have ${shape.length} elements`,
    strides,
  );
  for (const stride of strides) checkInteger(stride, `${where}.strides`, 0, 2 ** 31 - 1);
  const empty = shape.includes(0);
  const last = shape.reduce((sum, size, dim) => sum + (size - 1) * strides[dim]!, 0);
  checkReal(data, where, offset, empty ? 0 : last + 1);
}
