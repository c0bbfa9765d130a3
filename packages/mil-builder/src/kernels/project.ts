/**
 * A projection of every token by a constant matrix, as a 1×1 convolution: x [1, in, 1, S], weight [out, in, 1, 1] to
 * [1, out, 1, S]. All parameters are written out, as in every program that is reported to compile for the engine.
 */
import type { FunctionBuilder } from "../builder.js";
import type { Value } from "../program.js";

export function project(f: FunctionBuilder, x: Value, weight: Value, name: string): Value {
  return f.conv(
    {
      x,
      weight,
      strides: [1, 1],
      pad_type: "valid",
      pad: [0, 0, 0, 0],
      dilations: [1, 1],
      groups: 1,
    },
    name,
  );
}

/** Multiplies tokens x [1, in, 1, S] by the weight of that name: [1, out, 1, S]. */
export type Projector<Weight extends string> = (weight: Weight, x: Value, name: string) => Value;

/** Multiplication in the kernel's own dtype. */
export function projector<Weight extends string>(
  f: FunctionBuilder,
  weights: Readonly<Record<Weight, Value>>,
): Projector<Weight> {
  return (weight, x, name) => project(f, x, weights[weight], name);
}
