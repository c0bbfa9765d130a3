/** Memory that native code can work on. */
import type { Memory } from "../plan.js";

/** The memory of a buffer that the lowering has made fp16 or fp32. */
export function realMemory(memory: readonly Memory[], buffer: number): Uint16Array | Float32Array {
  const found = memory[buffer]!;
  if (found instanceof Float64Array) {
    throw new Error(`buffer ${buffer}: native steps work on fp16 and fp32, got fp64.`);
  }
  return found;
}
