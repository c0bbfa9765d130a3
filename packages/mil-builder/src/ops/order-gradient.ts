/** Gradients of ops on the order of elements: the order itself is piecewise constant. */
import { sumAlong } from "../autodiff/selection.js";
import type { Rules, Vjp, VjpRule } from "../autodiff/vjp.js";
import type { Value } from "../program.js";
import { wrapAxis } from "./shape-rules.js";

/** The gradient of each value goes to the element that it was. */
const topk: VjpRule = (vjp) => {
  const { f, cotangents, value } = vjp;
  const { shape } = value("x").type;
  const axis = wrapAxis(vjp.number("axis"), shape.length);
  const [dValues] = cotangents;
  if (dValues === undefined) return { x: undefined };
  const indices = { value: positionsOf(vjp), known: undefined };
  return { x: sumAlong(f, indices, dValues, axis, shape[axis]!) };
};

/** The op's second result; the op again, with positions, if it has none. */
function positionsOf({ f, outputs, value, number, flag, has }: Vjp): Value {
  const [, indices] = outputs;
  if (indices !== undefined) return indices;
  const [, again] = f.topk({
    x: value("x"),
    k: number("k"),
    axis: number("axis"),
    ascending: flag("ascending"),
    sort: has("sort") ? flag("sort") : undefined,
    return_indices: true,
  });
  return again!;
}

export const ORDERING_GRADIENTS = {
  argsort: {
    refused: "positions have no derivative",
    advice: "Use the values that topk or gather_along_axis give",
  },
  topk,
} satisfies Rules;
