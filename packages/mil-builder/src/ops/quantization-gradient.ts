/**
 * Gradients of quantization, straight through: rounding counts as the identity, and what was clipped to the range of 8 bits gets
 * nothing. The scale's gradient is then that of learned step sizes (Esser et al. 2020, LSQ). Gradients of 8-bit values are floats.
 */
import { isEqual } from "../autodiff/masks.js";
import { sumToShape } from "../autodiff/sum-to-shape.js";
import type { Rules, Vjp, VjpRule } from "../autodiff/vjp.js";
import { integerRange } from "../dtype.js";
import type { Value } from "../program.js";
import { wrapAxis } from "./shape-rules.js";

const quantize: VjpRule = (vjp) => {
  const { f, value, wants, compactCotangent: d } = vjp;
  const x = value("input");
  const scale = beside(vjp, "scale");
  const steps = f.real_div({ x, y: scale });
  const passed = f.mul({ x: d, y: isInRange(vjp, steps) });
  const dx = f.real_div({ x: passed, y: scale });
  const dscale = () => sumToScale(vjp, f.mul({ x: f.mul({ x: dx, y: steps }), y: -1 }));
  return { input: wants("input") ? dx : undefined, scale: wants("scale") ? dscale() : undefined };
};

/** 1 where the rounded value is one of the dtype. */
function isInRange(vjp: Vjp, steps: Value): Value {
  const { f, has, output } = vjp;
  const rounded = f.round({ x: steps });
  const value = has("zero_point") ? f.add({ x: rounded, y: beside(vjp, "zero_point") }) : rounded;
  const range = integerRange(output.type.dtype);
  return isEqual(f, value, f.clip({ x: value, alpha: Number(range.min), beta: Number(range.max) }));
}

const dequantize: VjpRule = (vjp) => {
  const { f, value, has, wants, output, compactCotangent: d } = vjp;
  const dscale = () => {
    const dtype = output.type.dtype as "fp16" | "fp32";
    const steps = f.cast({ x: value("input"), dtype });
    const shifted = has("zero_point") ? f.sub({ x: steps, y: beside(vjp, "zero_point") }) : steps;
    return sumToScale(vjp, f.mul({ x: d, y: shifted }));
  };
  return {
    input: wants("input") ? f.mul({ x: d, y: beside(vjp, "scale") }) : undefined,
    scale: wants("scale") ? dscale() : undefined,
  };
};

/** The shape of a parameter beside the input: its vector along the axis, or all 1s. */
function shapeBeside({ value, has, number }: Vjp): readonly number[] {
  const { shape } = value("input").type;
  const along = has("axis") ? wrapAxis(number("axis"), shape.length) : undefined;
  return shape.map((dim, axis) => (axis === along ? dim : 1));
}

/** A parameter as it broadcasts with the input, in the float dtype of the other side. */
function beside(vjp: Vjp, name: "scale" | "zero_point"): Value {
  const { f, value } = vjp;
  const dtype = value("scale").type.dtype as "fp16" | "fp32";
  const given = value(name);
  const float = given.type.dtype === dtype ? given : f.cast({ x: given, dtype });
  return given.type.shape.length === 0 ? float : f.reshape({ x: float, shape: shapeBeside(vjp) });
}

/** The gradient of the scale from terms that broadcast to the shape of the input. */
function sumToScale(vjp: Vjp, terms: Value): Value {
  const { shape } = vjp.value("input").type;
  const own = vjp.value("scale").type.shape;
  if (own.length === 0) return sumToShape(vjp.f, terms, shape, own);
  const sum = sumToShape(vjp.f, terms, shape, shapeBeside(vjp));
  return vjp.f.reshape({ x: sum, shape: own });
}

export const QUANTIZATION_GRADIENTS = { dequantize, quantize } satisfies Rules;
