/** Gradients of joining and splitting: of each other. */
import { reshapeTo } from "../autodiff/reshape-to.js";
import type { Rules, Vjp, VjpRule } from "../autodiff/vjp.js";
import { zerosOf } from "../autodiff/zeros.js";
import type { Value } from "../program.js";
import { wrapAxis } from "./shape-rules.js";

const concat: VjpRule = (vjp) => {
  const { f, cotangent, wants } = vjp;
  const { shape } = cotangent.type;
  const along = wrapAxis(vjp.number("axis"), shape.length);
  const values = vjp.values("values");
  const interleaves = vjp.flag("interleave") && values.length > 1;
  let start = 0;
  const gradients = values.map((value, index) => {
    const size = interleaves ? shape[along]! / values.length : (value.type.shape[along] ?? 1);
    const begin = shape.map((_, axis) => (axis === along ? start : 0));
    start += interleaves ? 1 : size;
    if (!wants("values", index)) return undefined;
    const part = interleaves
      ? everyNth(vjp, begin, along, values.length)
      : f.slice_by_size({ x: cotangent, begin, size: shape.with(along, size) });
    return reshapeTo(f, part, value.type.shape);
  });
  return { values: gradients };
};

function everyNth(
  { f, cotangent }: Vjp,
  begin: readonly number[],
  along: number,
  n: number,
): Value {
  const { shape } = cotangent.type;
  const stride = shape.map((_, axis) => (axis === along ? n : 1));
  return f.slice_by_index({ x: cotangent, begin, end: shape, stride });
}

const stack: VjpRule = (vjp) => {
  const { f, cotangent, wants } = vjp;
  const { shape } = cotangent.type;
  const along = wrapAxis(vjp.number("axis"), shape.length);
  const gradients = vjp.values("values").map((value, index) => {
    if (!wants("values", index)) return undefined;
    const begin = shape.map((_, axis) => (axis === along ? index : 0));
    const part = f.slice_by_size({ x: cotangent, begin, size: shape.with(along, 1) });
    return reshapeTo(f, part, value.type.shape);
  });
  return { values: gradients };
};

const split: VjpRule = (vjp) => {
  const { f, cotangents, outputs } = vjp;
  const values = outputs.map(({ type }, index) => cotangents[index] ?? zerosOf(f, type));
  if (values.length === 1) return { x: values[0]! };
  return { x: f.concat({ values, axis: vjp.number("axis"), interleave: false }) };
};

export const JOINING_GRADIENTS = { concat, split, stack } satisfies Rules;
