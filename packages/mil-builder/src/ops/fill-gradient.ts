/** Gradients of ops that make tensors: of the values that they repeat, as far as these are named. */
import { asDType } from "../autodiff/as-dtype.js";
import type { Rules, Vjp, VjpRule } from "../autodiff/vjp.js";
import type { FunctionBuilder } from "../builder.js";
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

/** The value is everywhere; of ref_tensor only the dims are read. */
const filled: VjpRule = ({ f, cotangent, wants }) => ({
  value: wants("value") ? sumOf(f, cotangent) : undefined,
  ref_tensor: undefined,
});

/** One value at the indices, the other one elsewhere. */
const oneHot: VjpRule = (vjp) => {
  const { f, cotangent, value, number, wants } = vjp;
  const picked = (on_value: number, off_value: number) => {
    const [indices, axis] = [value("indices"), number("axis")];
    const one_hot_vector_size = number("one_hot_vector_size");
    const mask = f.one_hot({ indices, one_hot_vector_size, axis, on_value, off_value });
    return sumOf(f, f.mul({ x: cotangent, y: asDType(f, mask, cotangent.type.dtype) }));
  };
  return {
    on_value: wants("on_value") ? picked(1, 0) : undefined,
    off_value: wants("off_value") ? picked(0, 1) : undefined,
  };
};

function sumOf(f: FunctionBuilder, x: Value): Value {
  return x.type.shape.length === 0 ? x : f.reduce_sum({ x, keep_dims: false });
}

/** start + i · step; the end only says how many. */
const range1d: VjpRule = (vjp) => {
  const { f, cotangent, wants } = vjp;
  return {
    start: wants("start") ? sumOf(f, cotangent) : undefined,
    step: wants("step") ? sumOf(f, f.mul({ x: cotangent, y: positions(vjp) })) : undefined,
    end: undefined,
  };
};

function positions({ f, cotangent }: Vjp): Value {
  const [length] = cotangent.type.shape;
  const { dtype } = cotangent.type;
  return f.constant("positions", tensor(dtype, [length!]), [...Array(length).keys()]);
}

export const FILLING_GRADIENTS = {
  band_part: bandPart,
  fill: filled,
  fill_like: filled,
  non_zero: { zero: "positions are integers" },
  one_hot: oneHot,
  range_1d: range1d,
} satisfies Rules;
