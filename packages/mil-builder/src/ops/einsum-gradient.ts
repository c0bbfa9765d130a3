/**
 * Gradients of the contraction nchw,nwhu->nchu (and of the one without n), which is a contraction again:
 * da = nchu,nuhw->nchw of dy and bᵀ, db = nwhc,nchu->nwhu of aᵀ and dy, where ᵀ swaps the first and last of the three dims.
 */
import { sumToShape } from "../autodiff/sum-to-shape.js";
import type { VjpRule } from "../autodiff/vjp.js";
import type { FunctionBuilder } from "../builder.js";
import type { Value } from "../program.js";

export const einsumGradient: VjpRule = (vjp) => {
  const { f, cotangent: dy } = vjp;
  const [a, b] = vjp.values("values") as [Value, Value];
  const equation = a.type.shape.length === 4 ? "nchw,nwhu->nchu" : "chw,whu->chu";
  const gradient = (operand: Value, left: Value, right: Value) => {
    const product = f.einsum({ values: [left, right], equation });
    return sumToShape(f, product, product.type.shape, operand.type.shape);
  };
  return {
    values: [
      vjp.wants("values", 0) ? gradient(a, dy, swapped(f, b)) : undefined,
      vjp.wants("values", 1) ? gradient(b, swapped(f, a), dy) : undefined,
    ],
  };
};

function swapped(f: FunctionBuilder, value: Value): Value {
  const perm = value.type.shape.length === 4 ? [0, 3, 2, 1] : [2, 1, 0];
  return f.transpose({ x: value, perm });
}
