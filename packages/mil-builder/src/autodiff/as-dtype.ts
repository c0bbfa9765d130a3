/** A value in another dtype: from iOS17 on, parameters may have another float dtype than what they scale. */
import type { FunctionBuilder } from "../builder.js";
import type { DType, Value } from "../program.js";

export function asDType(f: FunctionBuilder, value: Value, dtype: DType): Value {
  return value.type.dtype === dtype ? value : f.cast({ x: value, dtype: dtype as "fp16" | "fp32" });
}
