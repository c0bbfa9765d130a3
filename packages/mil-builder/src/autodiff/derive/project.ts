/**
 * A projection of every token by a matrix of the layer: x [1, in, 1, S] to [1, out, 1, S]. It is a 1×1 convolution by a constant
 * [out, in, 1, 1], or a product with a matrix [1, 1, out, in] that came with the input, whichever the pipeline gave.
 */
import type { FunctionBuilder } from "../../builder.js";
import { multiply } from "../../kernels/dynamic/multiply.js";
import { project as convolve } from "../../kernels/project.js";
import type { Value } from "../../program.js";

/** Multiplies every token of x by the matrix. */
export function project(f: FunctionBuilder, x: Value, weight: Value, name: string): Value {
  const [n, c] = weight.type.shape;
  const isMatrix = n === 1 && c === 1; // [1, 1, 1, 1] is both, and both give the same
  return isMatrix ? multiply(f, weight, x, name) : convolve(f, x, weight, name);
}
