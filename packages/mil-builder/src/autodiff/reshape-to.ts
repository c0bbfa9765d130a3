/** Reshaping to any shape, a scalar among them, which `reshape` has no way to name. */
import type { FunctionBuilder } from "../builder.js";
import type { Value } from "../program.js";
import { sameShape } from "../tensor-type.js";

/** The elements of `value` in `shape`; the value itself if it has that shape. */
export function reshapeTo(f: FunctionBuilder, value: Value, shape: readonly number[]): Value {
  if (sameShape(value.type.shape, shape)) return value;
  return shape.length === 0 ? f.squeeze({ x: value }) : f.reshape({ x: value, shape });
}
