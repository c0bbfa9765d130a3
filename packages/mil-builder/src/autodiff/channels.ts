/** Parameters with an entry per channel, dim 1, beside tensors [N, C, ...]. */
import type { Value } from "../program.js";
import { asDType } from "./as-dtype.js";
import { sumToShape } from "./sum-to-shape.js";
import type { Vjp } from "./vjp.js";

/** A parameter [C] as [1, C, 1, ...], in the dtype of x. */
export function channelVector({ f, value }: Vjp, name: string): Value {
  const { shape, dtype } = value("x").type;
  const column = shape.map((dim, axis) => (axis === 1 ? dim : 1));
  return f.reshape({ x: asDType(f, value(name), dtype), shape: column });
}

/** The gradient [C] of a parameter, from terms that broadcast to the shape of x. */
export function sumToChannels({ f, value }: Vjp, terms: Value): Value {
  const { shape } = value("x").type;
  const column = shape.map((dim, axis) => (axis === 1 ? dim : 1));
  const sum = sumToShape(f, terms, shape, column);
  return f.reshape({ x: sum, shape: [sum.type.shape[1]!] });
}
