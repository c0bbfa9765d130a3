/**
 * Products of weights that come with the input, W [1, 1, rows, D], and tokens [1, channels, 1, S]. matmul, because runtime weights
 * of conv are reported to be ignored on M3 Max (field-guide). Axes are exchanged by transpose, as libane reports matmul of
 * reshaped operands as rejected.
 */
import type { FunctionBuilder } from "../../builder.js";
import type { Value } from "../../program.js";

const SWAP = [0, 2, 1, 3] as const;

/** W·x: tokens of D channels to as many channels as W has rows. */
export function multiply(f: FunctionBuilder, weight: Value, x: Value, name: string): Value {
  return product(f, weight, x, false, name);
}

/** Wᵀ·x: tokens of as many channels as W has rows to D channels. */
export function multiplyTransposed(
  f: FunctionBuilder,
  weight: Value,
  x: Value,
  name: string,
): Value {
  return product(f, weight, x, true, name);
}

function product(
  f: FunctionBuilder,
  weight: Value,
  x: Value,
  transpose_x: boolean,
  name: string,
): Value {
  const tokens = f.transpose({ x, perm: SWAP }, `${name}_tokens`);
  const rows = f.matmul({ x: weight, y: tokens, transpose_x, transpose_y: false }, `${name}_rows`);
  return f.transpose({ x: rows, perm: SWAP }, name);
}
