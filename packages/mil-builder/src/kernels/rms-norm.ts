/**
 * RMSNorm over the channels of x [1, D, 1, S]: xn = x · (mean(x²) + eps)^(−1/2) · weight, weight [1, D, 1, 1].
 *
 * In fp16 a sum of squares soon passes 65504, so x is first multiplied by the largest power of two s with D·s² ≤ 4 (1/16
 * for D = 768). The sum is then 1…4 times the mean square, and 1 / (D·s²) folds s back and makes the mean at once, so
 * eps is added in x's own units. Usable range: rms(x) up to 127 for every D (90 where the engine's accumulator ends at
 * 32768). At the low end squares are subnormal: at rms(x) = 0.01 the result is off by 0.35 % for D up to 1024 and by 1.2 %
 * for 4096, from 0.03 up by fp16's own rounding only.
 *
 * reduce_sum and pow rather than reduce_mean and rsqrt: Espresso reports those two as missing, and rustane a compiler
 * failure for rsqrt after a reduction.
 */
import type { FunctionBuilder } from "../builder.js";
import type { Value } from "../program.js";
import type { KernelDims } from "./config.js";

export function rmsNorm(f: FunctionBuilder, x: Value, weight: Value, dims: KernelDims): Value {
  const normalized = f.mul({ x, y: inverseRms(f, x, 1, dims) }, "x_normalized");
  return f.mul({ x: normalized, y: weight }, "xn");
}

/** (mean(x²) + eps)^(−1/2) over one axis of x, which stays with size 1: D channels [1, D, 1, S], or others. */
export function inverseRms(
  f: FunctionBuilder,
  x: Value,
  axis: number,
  { normEps }: Pick<KernelDims, "normEps">,
): Value {
  const D = x.type.shape[axis]!;
  const s = squareScale(D);
  const scaled = f.mul({ x, y: s }, "x_scaled");
  const squares = f.mul({ x: scaled, y: scaled }, "squares");
  const sum = f.reduce_sum({ x: squares, axes: [axis], keep_dims: true }, "sum_of_squares");
  const meanSquare = f.mul({ x: sum, y: 1 / (D * s * s) }, "mean_square");
  const shifted = f.add({ x: meanSquare, y: normEps }, "mean_square_eps");
  return f.pow({ x: shifted, y: -0.5 }, "inverse_rms");
}

/** The largest power of two s with D·s² ≤ 4. */
export function squareScale(D: number): number {
  let s = 1;
  while (D * s * s > 4) s /= 2;
  return s;
}
