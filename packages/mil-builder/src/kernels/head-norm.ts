/**
 * RMSNorm of every head on its own, before RoPE, as Qwen3 has it for queries and keys: the mean is over the h channels of a head,
 * and all heads share the gains. Tokens x [1, n·h, 1, S], gains [1, h, 1, S] (every column the same) or, as a constant, [1, h, 1, 1];
 * inside, [1, n, h, S].
 */
import type { FunctionBuilder } from "../builder.js";
import type { Value } from "../program.js";
import type { KernelDims } from "./config.js";
import { inverseRms } from "./rms-norm.js";
import { rmsNormBackward } from "./rms-norm-bwd.js";

const CHANNELS = 2;

type HeadNormDims = Pick<KernelDims, "h" | "S" | "normEps">;

/** x · (mean(x²) + eps)^(−1/2) · gains: [1, n·h, 1, S]. */
export function headNorm(
  f: FunctionBuilder,
  { x, gains }: Readonly<Record<"x" | "gains", Value>>,
  dims: HeadNormDims,
  name: string,
): Value {
  const heads = apart(f, x, dims, `${name}_heads`);
  const normalized = f.mul({ x: heads, y: inverseRms(f, heads, CHANNELS, dims) }, `${name}_unit`);
  const gained = f.mul({ x: normalized, y: apart(f, gains, dims, `${name}_gains`) });
  return f.reshape({ x: gained, shape: x.type.shape }, name);
}

/**
 * @param x What went into the norm. @param dxn Gradient of what came out, both [1, n·h, 1, S].
 * @returns dx of x's shape; dGains [1, h, 1, S], the gradient of the gains position by position, summed over heads.
 */
export function headNormBackward(
  f: FunctionBuilder,
  { x, dxn, gains }: Readonly<Record<"x" | "dxn" | "gains", Value>>,
  dims: HeadNormDims,
  name: string,
): Record<"dx" | "dGains", Value> {
  const heads = {
    x: apart(f, x, dims, `${name}_heads`),
    dxn: apart(f, dxn, dims, `d${name}_heads`),
    gains: apart(f, gains, dims, `${name}_gains`),
  };
  const { dx, u } = rmsNormBackward(f, heads, CHANNELS, dims);
  const products = f.mul({ x: heads.dxn, y: u }, `d${name}_unit`);
  const sum = f.reduce_sum({ x: products, axes: [1], keep_dims: true }, `d${name}_gains_row`);
  return {
    dx: f.reshape({ x: dx, shape: x.type.shape }, `d${name}`),
    dGains: f.reshape({ x: sum, shape: [1, dims.h, 1, dims.S] }, `d${name}_gains`),
  };
}

function apart(f: FunctionBuilder, x: Value, { h }: HeadNormDims, name: string): Value {
  const [, channels, , columns] = x.type.shape as [number, number, number, number];
  return f.reshape({ x, shape: [1, channels / h, h, columns] }, name);
}
