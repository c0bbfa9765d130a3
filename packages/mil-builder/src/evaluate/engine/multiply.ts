/** Matrix products in the engine's multiply-accumulate unit. */

import { isInteger } from "../../dtype.js";
import type { Tensor } from "../../tensor.js";
import { tensor } from "../../tensor-type.js";
import { broadcastTo, permuted } from "../strided.js";
import { accumulate, decodeOperands, exponentsOf, initialSum, sumToHalf } from "./accumulator.js";

/** 2^31, where a sum of integer products ends. */
const INTEGER_LIMIT = 2 ** 31;

/** out[..., m, n] = x[..., m, k] · y[..., k, n], batch dims broadcast; a vector is a row on the left, a column on the right. */
export function matmulInUnit(
  x: Tensor,
  y: Tensor,
  transposeX: boolean,
  transposeY: boolean,
  out: Tensor,
): void {
  const left = asMatrices(x, transposeX, "row");
  const right = asMatrices(y, transposeY, "column");
  const [m, k] = left.type.shape.slice(-2) as [number, number];
  const n = right.type.shape.at(-1)!;
  const rank = Math.max(left.type.shape.length, right.type.shape.length) - 2;
  const [a, b] = [left.type.shape, right.type.shape].map((shape) => [
    ...Array<number>(rank + 2 - shape.length).fill(1),
    ...shape.slice(0, -2),
  ]) as [number[], number[]];
  const batch = a.map((dim, axis) => Math.max(dim, b[axis]!));
  const multiply = isInteger(out.type.dtype) ? multiplyIntegers : multiplyHalfs;
  multiply(
    { m, n, k },
    broadcastTo(left, [...batch, m, k]),
    broadcastTo(right, [...batch, k, n]),
    undefined,
    out.data,
  );
}

/** out[..., n] = x[..., k] · weight[n, k]ᵀ + bias[n]. */
export function linearInUnit(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  out: Tensor,
): void {
  const [n, k] = weight.type.shape as [number, number];
  const m = k === 0 ? 0 : x.data.length / k;
  const multiply = isInteger(out.type.dtype) ? multiplyIntegers : multiplyHalfs;
  multiply({ m, n, k }, x.data, permuted(weight, [1, 0]), bias?.data, out.data);
}

/** out[.., c, h, u] = x[.., c, h, w] · y[.., w, h, u]: einsum's product, h a batch dim like those before. */
export function einsumInUnit(x: Tensor, y: Tensor, out: Tensor): void {
  const swapped = { type: swapAxes(out).type, data: new Float64Array(out.data.length) };
  matmulInUnit(swapAxes(x), swapAxes(y), false, false, swapped);
  out.data.set(swapAxes(swapped).data);
}

interface Dims {
  /** Rows of the left matrix and of the result. */
  readonly m: number;
  /** Columns of the right matrix and of the result. */
  readonly n: number;
  /** Length of the sums. */
  readonly k: number;
}

/** A stack of products of fp16 matrices; bias has an entry per column. */
function multiplyHalfs(
  { m, n, k }: Dims,
  x: Float64Array,
  y: Float64Array,
  bias: Float64Array | undefined,
  out: Float64Array,
): void {
  const [left, right] = [decodeOperands(x), decodeOperands(y)];
  const [leftExponents, rightExponents] = [exponentsOf(left), exponentsOf(right)];
  const start = Float64Array.from({ length: n }, (_, column) => initialSum(bias?.[column] ?? 0));
  const sums = new Float64Array(n);
  for (let row = 0; row < out.length / n; row++) {
    sums.set(start);
    for (let i = 0; i < k; i++) {
      const factor = left[row * k + i]!;
      const exponent = leftExponents[row * k + i]!;
      const source = (Math.floor(row / m) * k + i) * n;
      for (let column = 0; column < n; column++) {
        const total = exponent + rightExponents[source + column]!;
        sums[column] = accumulate(sums[column]!, factor, right[source + column]!, total);
      }
    }
    for (let column = 0; column < n; column++) out[row * n + column] = sumToHalf(sums[column]!);
  }
}

/** The same for integers, whose sums have 32 bits: one that reaches 2^31 stays there, the infinity of an int32 result. */
function multiplyIntegers(
  { m, n, k }: Dims,
  x: Float64Array,
  y: Float64Array,
  bias: Float64Array | undefined,
  out: Float64Array,
): void {
  for (let index = 0; index < out.length; index++) {
    const row = Math.floor(index / n);
    const column = index % n;
    let sum = bias?.[column] ?? 0;
    for (let i = 0; i < k && Number.isFinite(sum); i++) {
      sum += x[row * k + i]! * y[(Math.floor(row / m) * k + i) * n + column]!;
      if (Math.abs(sum) >= INTEGER_LIMIT) sum = Math.sign(sum) * Number.POSITIVE_INFINITY;
    }
    out[index] = Math.min(INTEGER_LIMIT - 1, Math.max(-INTEGER_LIMIT, sum));
  }
}

/** A tensor as a stack of matrices, after its transpose. */
function asMatrices(value: Tensor, transpose: boolean, vector: "row" | "column"): Tensor {
  const { dtype, shape } = value.type;
  if (shape.length === 1) {
    const matrix = vector === "row" ? [1, shape[0]!] : [shape[0]!, 1];
    return { type: tensor(dtype, matrix), data: value.data };
  }
  if (!transpose) return value;
  const last = shape.length - 1;
  return permute(value, [...[...shape.keys()].slice(0, -2), last, last - 1]);
}

/** Axes -3 and -2 exchanged. */
function swapAxes(value: Tensor): Tensor {
  const rank = value.type.shape.length;
  const lead = [...value.type.shape.keys()].slice(0, -3);
  return permute(value, [...lead, rank - 2, rank - 3, rank - 1]);
}

function permute(value: Tensor, perm: readonly number[]): Tensor {
  const { dtype, shape } = value.type;
  const type = tensor(
    dtype,
    perm.map((axis) => shape[axis]!),
  );
  return { type, data: permuted(value, perm) };
}
