/** Reductions over a set of axes (all of them by default). Source: coremltools iOS15 reduction.py. */
import { permuted } from "../evaluate/strided.js";
import { flag, integers, optional, tensorInput } from "../input-spec.js";
import { defineOp, NUMBERS } from "../op-definition.js";
import { tensor } from "../tensor-type.js";
import { positiveAxes, wrapAxis } from "./shape-rules.js";

/** Value of the `count` elements of `data` from `start`. */
type RowReduction = (data: Float64Array, start: number, count: number) => number;

function reduction(type: string, reduceRow: RowReduction) {
  return defineOp({
    type,
    since: "ios15",
    types: { T: { domain: NUMBERS } },
    inputs: {
      x: tensorInput("T"),
      axes: optional(integers()),
      keep_dims: optional(flag(), false),
    },
    infer: ({ x, axes, keep_dims }, scope) => {
      const { shape } = x;
      const reduced = positiveAxes("axes", axes ?? [...shape.keys()], shape.length, scope);
      return tensor(
        x.dtype,
        keep_dims
          ? shape.map((dim, axis) => (reduced.includes(axis) ? 1 : dim))
          : shape.filter((_, axis) => !reduced.includes(axis)),
      );
    },
    evaluate: ({ x, axes }, [out]) => {
      const { shape } = x.type;
      const reduced = new Set(
        (axes ?? [...shape.keys()]).map((axis) => wrapAxis(axis, shape.length)),
      );
      const order = [...shape.keys()];
      const kept = order.filter((axis) => !reduced.has(axis));
      const rows = permuted(x, [...kept, ...order.filter((axis) => reduced.has(axis))]);
      const count = rows.length / out.data.length;
      for (let row = 0; row < out.data.length; row++) {
        out.data[row] = reduceRow(rows, row * count, count);
      }
    },
  });
}

function sum(data: Float64Array, start: number, count: number): number {
  let total = 0;
  for (let i = start; i < start + count; i++) total += data[i]!;
  return total;
}

function sumOfSquares(data: Float64Array, start: number, count: number): number {
  let total = 0;
  for (let i = start; i < start + count; i++) total += data[i]! * data[i]!;
  return total;
}

function largest(data: Float64Array, start: number, count: number): number {
  let found = data[start]!;
  for (let i = start + 1; i < start + count; i++) found = Math.max(found, data[i]!);
  return found;
}

function smallest(data: Float64Array, start: number, count: number): number {
  let found = data[start]!;
  for (let i = start + 1; i < start + count; i++) found = Math.min(found, data[i]!);
  return found;
}

export const reduceSum = reduction("reduce_sum", sum);
export const reduceMean = reduction(
  "reduce_mean",
  (data, start, count) => sum(data, start, count) / count,
);
export const reduceMax = reduction("reduce_max", largest);
export const reduceMin = reduction("reduce_min", smallest);
export const reduceSumSquare = reduction("reduce_sum_square", sumOfSquares);
