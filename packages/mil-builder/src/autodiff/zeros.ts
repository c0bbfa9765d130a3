/** Tensors of zeros, for what nothing contributes to. */
import type { FunctionBuilder } from "../builder.js";
import type { TensorType, Value } from "../program.js";
import { scalar } from "../tensor-type.js";

/** Zeros of a type: one op and one number in the program, whatever the size. */
export function zerosOf(f: FunctionBuilder, { dtype, shape }: TensorType): Value {
  const value = f.constant("zero", scalar(dtype), 0);
  return shape.length === 0 ? value : f.fill({ shape, value });
}
