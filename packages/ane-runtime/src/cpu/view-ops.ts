/** Ops whose result is the operand's own memory seen in another way: nothing is moved if the strides allow it. */
import type { GraphNode, GraphValue } from "./graph.js";
import {
  inversePermutation,
  type Layout,
  memoryOrder,
  packedInOrder,
  repeatLayout,
  reshapeLayout,
  sliceLayout,
  transposeLayout,
} from "./layout.js";

export interface ViewRule {
  readonly source: GraphValue;
  /** Where the result lies if the source lies at `layout`; undefined where that cannot be said with strides. */
  forward(layout: Layout): Layout | undefined;
  /** Where the source must lie for the result to lie at `layout`. Absent where the result is not all of the source. */
  backward?(layout: Layout): Layout | undefined;
  /** A packed layout of the source in which the result has the memory order of `layout`. */
  order(layout: Layout): Layout | undefined;
}

/** One rule per result, or undefined if the op is no view (or one that depends on computed positions). */
export function viewRules(node: GraphNode): readonly ViewRule[] | undefined {
  const source = node.value(node.type === "concat" ? "values" : "x");
  switch (node.type) {
    case "identity":
    case "reshape":
    case "expand_dims":
    case "squeeze":
      return [reshaped(source, node.output)];
    case "transpose":
      return [transposed(source, node)];
    case "slice_by_size":
      return slicedBySize(source, node);
    case "slice_by_index":
      return slicedByIndex(source, node);
    case "split":
      return splitPieces(source, node);
    case "concat":
      return repeated(source, node);
    default:
      return undefined;
  }
}

function reshaped(source: GraphValue, result: GraphValue): ViewRule {
  const backward = (layout: Layout) => reshapeLayout(layout, source.shape);
  return {
    source,
    forward: (layout) => reshapeLayout(layout, result.shape),
    backward,
    order: backward,
  };
}

function transposed(source: GraphValue, node: GraphNode): ViewRule {
  const perm = node.numbers("perm")!.map((axis) => wrapAxis(axis, source.shape.length));
  const inverse = inversePermutation(perm);
  const backward = (layout: Layout) => transposeLayout(layout, inverse);
  return {
    source,
    forward: (layout) => transposeLayout(layout, perm),
    backward,
    order: backward,
  };
}

function slice(
  source: GraphValue,
  begin: readonly number[],
  size: readonly number[],
  step?: readonly number[],
): ViewRule {
  return {
    source,
    forward: (layout) => sliceLayout(layout, begin, size, step),
    order: (layout) => sameOrder(source, layout),
  };
}

function slicedBySize(source: GraphValue, node: GraphNode): ViewRule[] | undefined {
  const begin = node.numbers("begin");
  if (!begin) return undefined;
  const start = begin.map((at, axis) => (at < 0 ? at + source.shape[axis]! : at));
  return [slice(source, start, node.output.shape)];
}

/** Only forward steps: a negative stride has no place in the native code. */
function slicedByIndex(source: GraphValue, node: GraphNode): ViewRule[] | undefined {
  const rank = source.shape.length;
  const begin = node.numbers("begin")!;
  const step = node.numbers("stride") ?? new Array<number>(rank).fill(1);
  const beginMask = node.numbers("begin_mask");
  const squeezeMask = node.numbers("squeeze_mask");
  if (step.some((size, axis) => size < 1 && !squeezeMask?.[axis])) return undefined;
  const lengths = [...node.output.shape];
  const size = source.shape.map((_, axis) => (squeezeMask?.[axis] ? 1 : lengths.shift()!));
  const start = source.shape.map((dim, axis) => {
    const at = begin[axis]! < 0 ? begin[axis]! + dim : begin[axis]!;
    return beginMask?.[axis] && !squeezeMask?.[axis] ? 0 : Math.min(dim, Math.max(0, at));
  });
  const steps = step.map((size, axis) => (squeezeMask?.[axis] ? 1 : size));
  const whole = slice(source, start, size, steps);
  return [
    {
      source,
      forward: (layout) => {
        const part = whole.forward(layout);
        return part && reshapeLayout(part, node.output.shape);
      },
      order: (layout) => {
        const unsqueezed = reshapeLayout(layout, size);
        return unsqueezed && sameOrder(source, unsqueezed);
      },
    },
  ];
}

function splitPieces(source: GraphValue, node: GraphNode): ViewRule[] {
  const axis = wrapAxis(node.number("axis")!, source.shape.length);
  let start = 0;
  return node.outputs.map(({ shape }) => {
    const begin = shape.map((_, i) => (i === axis ? start : 0));
    start += shape[axis]!;
    return slice(source, begin, shape);
  });
}

/** A concat of one value with itself is its repetition. */
function repeated(source: GraphValue, node: GraphNode): ViewRule[] | undefined {
  const values = node.values("values");
  const isRepetition = values.length > 1 && values.every((value) => value === source);
  if (!isRepetition || source.shape.length === 0 || node.flag("interleave")) return undefined;
  const axis = wrapAxis(node.number("axis")!, source.shape.length);
  return [
    {
      source,
      forward: (layout) => repeatLayout(layout, axis, values.length),
      order: (layout) => sameOrder(source, layout),
    },
  ];
}

/** The source packed with its dims in the order of a layout of the same rank; those that the layout lacks stay where they are. */
function sameOrder(source: GraphValue, layout: Layout): Layout | undefined {
  const order = memoryOrder(layout);
  if (!order) return undefined;
  for (let axis = source.shape.length - 1; axis >= 0; axis--) {
    if (!order.includes(axis)) order.splice(Math.max(0, order.indexOf(axis + 1)), 0, axis);
  }
  return packedInOrder(source.shape, order);
}

/** A cast between fp16 and fp32: no new memory where rounding is not called for, or already done by the producer. */
export function isFloatCast(node: GraphNode): boolean {
  const isFloat = ({ type }: GraphValue) => type.dtype === "fp16" || type.dtype === "fp32";
  return node.type === "cast" && isFloat(node.value("x")) && isFloat(node.output);
}

export function wrapAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
