/**
 * Between the channel-first layout [1, n·h, 1, S] and attention heads [1, n, S, h]. Query head n reads KV head
 * floor(n / ratio), so the rows of [1, KV, ratio·r, c] and [1, KV·ratio, r, c] are the same memory: KV heads are repeated by
 * a concat, and their gradients summed by slices, along axis 2. No tile (reported to poison the process) and nothing on
 * the width axis. reshape is always followed by transpose where a matmul reads it: libane reports reshape straight
 * into matmul as rejected.
 */
import type { FunctionBuilder } from "../builder.js";
import type { Value } from "../program.js";
import type { KernelDims } from "./config.js";

/** Heads [1, n·ratio, S, h] of x [1, n·h, 1, S], each of the n repeated `ratio` times in a row. */
function splitHeads(
  f: FunctionBuilder,
  x: Value,
  { h, ratio = 1 }: { h: number; ratio?: number },
  name: string,
): Value {
  const [, channels, , S] = x.type.shape as [number, number, number, number];
  const n = channels / h;
  let heads = f.reshape({ x, shape: [1, n, h, S] }, `${name}_channels`);
  if (ratio > 1) {
    const values = Array.from({ length: ratio }, () => heads);
    const groups = f.concat({ values, axis: 2, interleave: false }, `${name}_groups`);
    heads = f.reshape({ x: groups, shape: [1, n * ratio, h, S] }, `${name}_repeated`);
  }
  return f.transpose({ x: heads, perm: [0, 1, 3, 2] }, `${name}_heads`);
}

/** The channel-first tensor [1, n·h, 1, S] of heads x [1, n, S, h]. */
export function mergeHeads(f: FunctionBuilder, x: Value, name: string): Value {
  const [, n, S, h] = x.type.shape as [number, number, number, number];
  const transposed = f.transpose({ x, perm: [0, 1, 3, 2] }, `${name}_channels`);
  return f.reshape({ x: transposed, shape: [1, n * h, 1, S] }, name);
}

/** Query heads [1, H, S, h] of q [1, QD, 1, S]. */
export function queryHeads(f: FunctionBuilder, q: Value, dims: KernelDims, name: string): Value {
  return splitHeads(f, q, { h: dims.h }, name);
}

/** KV heads of k or v [1, KD, 1, S], repeated for the query heads that read them: [1, H, S, h]. */
export function repeatedHeads(f: FunctionBuilder, k: Value, dims: KernelDims, name: string): Value {
  const { H, KV, h } = dims;
  return splitHeads(f, k, { h, ratio: H / KV }, name);
}

/** Transpose of the repetition: [1, H, S, h] to [1, KV, S, h], each the sum of its query heads. */
export function sumHeads(
  f: FunctionBuilder,
  x: Value,
  { H, KV, S, h }: KernelDims,
  name: string,
): Value {
  const ratio = H / KV;
  if (ratio === 1) return x;
  const groups = f.reshape({ x, shape: [1, KV, ratio * S, h] }, `${name}_groups`);
  const member = (index: number) =>
    f.slice_by_size(
      { x: groups, begin: [0, 0, index * S, 0], size: [1, KV, S, h] },
      `${name}_member`,
    );
  let sum = member(0);
  for (let index = 1; index < ratio; index++)
    sum = f.add({ x: sum, y: member(index) }, `${name}_sum`);
  return sum;
}
