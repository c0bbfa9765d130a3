/** Reductions over a set of axes (all of them by default). Source: coremltools iOS15 and iOS17 reduction.py. */
import { permuted } from "../evaluate/strided.js";
import {
  absent,
  choice,
  flag,
  from,
  integer,
  integers,
  optional,
  tensorInput,
} from "../input-spec.js";
import { defineOp, NUMBERS } from "../op-definition.js";
import type { Tensor } from "../tensor.js";
import { tensor } from "../tensor-type.js";
import { positiveAxes, wrapAxis } from "./shape-rules.js";

/** Value of the `count` elements of `data` from `start`. */
type RowReduction = (data: Float64Array, start: number, count: number) => number;

/** The shape without its reduced axes, or with 1 in their place. */
function reducedShape(
  shape: readonly number[],
  reduced: readonly number[],
  keepDims: boolean,
): readonly number[] {
  return keepDims
    ? shape.map((dim, axis) => (reduced.includes(axis) ? 1 : dim))
    : shape.filter((_, axis) => !reduced.includes(axis));
}

/** Reduces the elements along `axes` for each index of the other axes. */
function reduceRows(x: Tensor, axes: readonly number[], out: Tensor, reduceRow: RowReduction) {
  const { shape } = x.type;
  const reduced = new Set(axes.map((axis) => wrapAxis(axis, shape.length)));
  const order = [...shape.keys()];
  const kept = order.filter((axis) => !reduced.has(axis));
  const rows = permuted(x, [...kept, ...order.filter((axis) => reduced.has(axis))]);
  const count = rows.length / out.data.length;
  for (let row = 0; row < out.data.length; row++) {
    out.data[row] = reduceRow(rows, row * count, count);
  }
}

function reduction(type: string, summary: string, reduceRow: RowReduction) {
  return defineOp({
    type,
    summary: `${summary}, over axes`,
    since: "ios15",
    types: { T: { domain: NUMBERS } },
    inputs: {
      x: tensorInput("T"),
      axes: absent(integers(), "all axes"),
      keep_dims: optional(flag(), false),
    },
    infer: ({ x, axes, keep_dims }, scope) => {
      const { shape } = x;
      const reduced = positiveAxes("axes", axes ?? [...shape.keys()], shape.length, scope);
      return tensor(x.dtype, reducedShape(shape, reduced, keep_dims));
    },
    evaluate: ({ x, axes }, [out]) =>
      reduceRows(x, axes ?? [...x.type.shape.keys()], out, reduceRow),
  });
}

function argument(type: string, summary: string, findInRow: RowReduction) {
  return defineOp({
    type,
    summary: `${summary}, along one axis`,
    since: "ios15",
    types: { T: { domain: NUMBERS } },
    inputs: {
      x: tensorInput("T"),
      axis: optional(integer(), -1),
      keep_dims: optional(flag(), false),
      output_dtype: from("ios17", optional(choice(["int32", "uint16"]), "int32")),
    },
    infer: ({ x, axis, keep_dims, output_dtype }, scope) => {
      const reduced = positiveAxes("axis", [axis], x.shape.length, scope);
      return tensor(output_dtype, reducedShape(x.shape, reduced, keep_dims));
    },
    evaluate: ({ x, axis }, [out]) => reduceRows(x, [axis], out, findInRow),
  });
}

/** Folds a row from `initial` with `f`. */
function fold(initial: number, f: (total: number, x: number) => number): RowReduction {
  return (data, start, count) => {
    let total = initial;
    for (let i = start; i < start + count; i++) total = f(total, data[i]!);
    return total;
  };
}

const sum = fold(0, (total, x) => total + x);
const sumOfSquares = fold(0, (total, x) => total + x * x);
const largest = fold(Number.NEGATIVE_INFINITY, Math.max);
const smallest = fold(Number.POSITIVE_INFINITY, Math.min);

/** ln(Σ exp(x)), shifted by the maximum so that exp cannot overflow. */
function logSumExp(data: Float64Array, start: number, count: number): number {
  const max = largest(data, start, count);
  if (!Number.isFinite(max)) return max;
  let total = 0;
  for (let i = start; i < start + count; i++) total += Math.exp(data[i]! - max);
  return max + Math.log(total);
}

/** Index of the first element that is better than all before it; a NaN beats all, as in numpy. */
function firstBest(isBetter: (x: number, best: number) => boolean): RowReduction {
  return (data, start, count) => {
    let best = 0;
    for (let i = 0; i < count; i++) {
      const x = data[start + i]!;
      if (Number.isNaN(x)) return i;
      if (isBetter(x, data[start + best]!)) best = i;
    }
    return best;
  };
}

export const REDUCTION_OPS = {
  reduce_argmax: argument(
    "reduce_argmax",
    "index of the first maximum",
    firstBest((x, best) => x > best),
  ),
  reduce_argmin: argument(
    "reduce_argmin",
    "index of the first minimum",
    firstBest((x, best) => x < best),
  ),
  reduce_l1_norm: reduction(
    "reduce_l1_norm",
    "Σ|x|",
    fold(0, (total, x) => total + Math.abs(x)),
  ),
  reduce_l2_norm: reduction("reduce_l2_norm", "√Σx²", (data, start, count) =>
    Math.sqrt(sumOfSquares(data, start, count)),
  ),
  reduce_log_sum: reduction("reduce_log_sum", "ln Σx", (data, start, count) =>
    Math.log(sum(data, start, count)),
  ),
  reduce_log_sum_exp: reduction("reduce_log_sum_exp", "ln Σe^x", logSumExp),
  reduce_max: reduction("reduce_max", "maximum", largest),
  reduce_mean: reduction(
    "reduce_mean",
    "mean",
    (data, start, count) => sum(data, start, count) / count,
  ),
  reduce_min: reduction("reduce_min", "minimum", smallest),
  reduce_prod: reduction(
    "reduce_prod",
    "product",
    fold(1, (total, x) => total * x),
  ),
  reduce_sum: reduction("reduce_sum", "Σx", sum),
  reduce_sum_square: reduction("reduce_sum_square", "Σx²", sumOfSquares),
} as const;
