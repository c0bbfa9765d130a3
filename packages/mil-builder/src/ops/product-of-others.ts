/**
 * Of each element the product of the others along some axes: the slope of reduce_prod, also where elements are 0. Products of all
 * before times products of all after, each in log n steps that double how far they reach.
 */
import type { FunctionBuilder } from "../builder.js";
import type { Value } from "../program.js";

/** A tensor of the shape of x. */
export function productOfOthers(f: FunctionBuilder, x: Value, axes: readonly number[]): Value {
  const { shape } = x.type;
  const order = [...shape.keys()];
  const perm = [
    ...order.filter((axis) => !axes.includes(axis)),
    ...order.filter((axis) => axes.includes(axis)),
  ];
  const moved = shape.length < 2 ? x : f.transpose({ x, perm });
  const length = axes.reduce((product, axis) => product * shape[axis]!, 1);
  const lines = f.reshape({ x: moved, shape: [-1, length] });
  const before = runningProduct(f, lines, "before");
  const after = runningProduct(f, lines, "after");
  const products = f.reshape({ x: f.mul({ x: before, y: after }), shape: moved.type.shape });
  const back = order.map((axis) => perm.indexOf(axis));
  return shape.length < 2 ? products : f.transpose({ x: products, perm: back });
}

/** Products of all elements on one side of each, x [rows, length]. */
function runningProduct(f: FunctionBuilder, x: Value, side: "before" | "after"): Value {
  const length = x.type.shape[1]!;
  let products = shifted(f, x, 1, side);
  for (let reach = 1; reach < length; reach *= 2) {
    products = f.mul({ x: products, y: shifted(f, products, reach, side) });
  }
  return products;
}

/** x moved by `count` along the last axis, with 1s where nothing comes from. */
function shifted(f: FunctionBuilder, x: Value, count: number, side: "before" | "after"): Value {
  const [rows, length] = x.type.shape as [number, number];
  const pad = side === "before" ? [count, 0] : [0, count];
  const wide = f.pad({ x, pad, mode: "constant", constant_val: 1 });
  const begin = [0, side === "before" ? 0 : count];
  return f.slice_by_size({ x: wide, begin, size: [rows, length] });
}
