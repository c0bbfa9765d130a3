/**
 * Softmax and reductions: native code that sees a tensor as [outer, axis, inner] without gaps. Any memory order will do
 * as long as the axis is one run in it; otherwise the operand is packed first.
 */
import type { ReduceOperation } from "@ane/accel-ops";
import type { GraphNode, GraphValue } from "./graph.js";
import { isPacked, type Layout, packedInOrder, packedLike, sameLayout } from "./layout.js";
import type { Lowering } from "./lowering.js";
import type { Placement } from "./plan.js";
import { elementCount, type Shape } from "./shape.js";
import { type RowShape, reduceStep, softmaxStep } from "./steps/row-steps.js";
import { wrapAxis } from "./view-ops.js";

const REDUCTIONS: Readonly<Record<string, ReduceOperation>> = {
  reduce_sum: "sum",
  reduce_mean: "mean",
  reduce_max: "max",
  reduce_min: "min",
  reduce_sum_square: "sumSquare",
};

/** Lowers softmax and the reductions of floats; false for any other node. */
export function lowerRows(lowering: Lowering, node: GraphNode): boolean {
  const reduction = REDUCTIONS[node.type];
  if (node.type !== "softmax" && !reduction) return false;
  const x = node.value("x");
  if (!lowering.isPlaced(x) || lowering.dtypeAt(lowering.placementOf(x)) === "fp64") return false;
  if (reduction) lowerReduction(lowering, node, reduction);
  else lowerSoftmax(lowering, node);
  return true;
}

function lowerSoftmax(lowering: Lowering, node: GraphNode): void {
  const x = node.value("x");
  const axes = [wrapAxis(node.number("axis")!, x.shape.length)];
  const preferred = lowering.preferredLayout(node.output);
  const source = rowOperand(lowering, x, axes, preferred && packedLike(preferred));
  // The result has the operand's strides, so it may lie wherever those are the place's.
  const { output } = node;
  const target = lowering.destination(output, [source.placement], {
    accepts: (layout) =>
      sameLayout({ ...layout, offset: 0 }, { ...source.placement.layout, offset: 0 }),
    like: source.placement.layout,
  });
  lowering.emit(softmaxStep(node, source.placement, target, source.rows), node.constant);
  lowering.define(output, target);
}

function lowerReduction(lowering: Lowering, node: GraphNode, op: ReduceOperation): void {
  const x = node.value("x");
  const rank = x.shape.length;
  const axes = (node.numbers("axes") ?? [...x.shape.keys()]).map((axis) => wrapAxis(axis, rank));
  const { placement, rows } = rowOperand(lowering, x, axes, undefined);
  const keepDims = node.flag("keep_dims");
  const dims = placement.layout.dims.flatMap((factors, axis) =>
    !axes.includes(axis) ? [factors] : keepDims ? [[]] : [],
  );
  const like = packedLike({ offset: 0, dims });
  const { output } = node;
  const target = lowering.destination(output, [placement], {
    accepts: (layout) => sameLayout({ ...layout, offset: 0 }, like),
    like,
  });
  lowering.emit(reduceStep(node, placement, target, { ...rows, op }), node.constant);
  lowering.define(output, target);
}

interface RowOperand {
  readonly placement: Placement;
  readonly rows: RowShape;
}

/** The value where it lies, if the axes are one run of a gapless memory, or else packed so that they are. */
function rowOperand(
  lowering: Lowering,
  value: GraphValue,
  axes: readonly number[],
  preferred: Layout | undefined,
): RowOperand {
  const placement = lowering.placementOf(value);
  const inMemory = [placement.layout, preferred].find((layout) => layout && rowShape(layout, axes));
  const layout = inMemory ?? axesLast(value.shape, axes);
  const operand = layout === placement.layout ? placement : lowering.packed(value, layout);
  return { placement: operand, rows: rowShape(operand.layout, axes)! };
}

/** Packed, the axes innermost. */
function axesLast(shape: Shape, axes: readonly number[]): Layout {
  const others = [...shape.keys()].filter((axis) => !axes.includes(axis));
  return packedInOrder(shape, [...others, ...[...axes].sort((a, b) => a - b)]);
}

/** [outer, axis, inner] as the memory has it; undefined if it has gaps or the axes are not one run. */
function rowShape(layout: Layout, axes: readonly number[]): RowShape | undefined {
  if (!isPacked(layout)) return undefined;
  const factors = layout.dims
    .flatMap((dim, axis) => dim.map((factor) => ({ ...factor, reduced: axes.includes(axis) })))
    .sort((a, b) => b.stride - a.stride);
  const first = factors.findIndex(({ reduced }) => reduced);
  const last = factors.findLastIndex(({ reduced }) => reduced);
  const count = (from: number, to: number) =>
    elementCount(factors.slice(from, to).map(({ size }) => size));
  if (first < 0) return { outer: count(0, factors.length), axis: 1, inner: 1 };
  if (factors.slice(first, last).some(({ reduced }) => !reduced)) return undefined;
  return {
    outer: count(0, first),
    axis: count(first, last + 1),
    inner: count(last + 1, factors.length),
  };
}
