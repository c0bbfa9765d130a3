/** Gradients of ops that make tensors: most do not depend on elements at all. */
import type { Rules, Vjp, VjpRule } from "../autodiff/vjp.js";
import type { Value } from "../program.js";
import { tensor } from "../tensor-type.js";

/** The band of the gradient. */
const bandPart: VjpRule = (vjp) => ({
  x: vjp.f.band_part({
    x: vjp.cotangent,
    lower: vjp.number("lower"),
    upper: vjp.number("upper"),
  }),
});

/** start + i · step; the end only says how many. */
const range1d: VjpRule = (vjp) => {
  const { f, cotangent, wants } = vjp;
  const sum = (x: Value) => f.reduce_sum({ x, axes: [0], keep_dims: false });
  return {
    start: wants("start") ? sum(cotangent) : undefined,
    step: wants("step") ? sum(f.mul({ x: cotangent, y: positions(vjp) })) : undefined,
  };
};

function positions({ f, cotangent }: Vjp): Value {
  const [length] = cotangent.type.shape;
  const { dtype } = cotangent.type;
  return f.constant("positions", tensor(dtype, [length!]), [...Array(length).keys()]);
}

export const FILLING_GRADIENTS = {
  band_part: bandPart,
  fill: { zero: "shape and value are parameters, not operands" },
  fill_like: { zero: "only the shape of ref_tensor is read" },
  non_zero: { zero: "positions are integers" },
  one_hot: { zero: "indices are integers" },
  range_1d: range1d,
} satisfies Rules;
