/** Matrix product with fp32 or fp16 matrices of any strides. */
import { type GemmOptions, gemmSizes } from "./gemm-problem.js";
import { nativeBinding } from "./native.js";
import type { Real } from "./real.js";

const native = nativeBinding<{
  gemm(a: Real, b: Real, c: Real, sizes: Float64Array): void;
}>();

/**
 * C = alpha A B + beta C. Sums are fp32; an fp16 C is rounded once. The order of each sum depends on the shape alone,
 * so the result is the same for any number of threads.
 *
 * @throws ArgumentError if a matrix reaches beyond its array, C is not contiguous along one dimension, or C overlaps
 * an operand
 */
export function gemm(options: GemmOptions): void {
  const sizes = gemmSizes(options, "gemm");
  native.gemm(options.a.data, options.b.data, options.c.data, sizes);
}
