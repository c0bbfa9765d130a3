/** Softmax and reductions over the middle of [outer, axis, inner]. */
import type { ReduceOperation } from "@ane/accel-ops";
import type { GraphNode } from "../graph.js";
import type { NativeStep, Placement } from "../plan.js";

export interface RowShape {
  readonly outer: number;
  readonly axis: number;
  readonly inner: number;
}

export function softmaxStep(
  node: GraphNode,
  x: Placement,
  out: Placement,
  rows: RowShape,
): NativeStep {
  return {
    kind: "softmax",
    ...described(node, x, out, rows),
    detail: formatRows(rows),
    native: [{ kind: "softmax", ...rows, x: placeOf(x), out: placeOf(out) }],
  };
}

export function reduceStep(
  node: GraphNode,
  x: Placement,
  out: Placement,
  rows: RowShape & { readonly op: ReduceOperation },
): NativeStep {
  return {
    kind: "reduce",
    ...described(node, x, out, rows),
    detail: `${rows.op} ${formatRows(rows)}`,
    native: [{ kind: "reduce", ...rows, x: placeOf(x), out: placeOf(out) }],
  };
}

function described(node: GraphNode, x: Placement, out: Placement, rows: RowShape) {
  const { outer, axis, inner } = rows;
  return {
    label: node.output.name,
    reads: [x],
    writes: [out],
    flops: outer * axis * inner,
    nodes: [node],
  };
}

function placeOf({ buffer, layout }: Placement) {
  return { buffer, offset: layout.offset };
}

function formatRows({ outer, axis, inner }: RowShape): string {
  return `[${outer}, ${axis}, ${inner}] along the middle`;
}
