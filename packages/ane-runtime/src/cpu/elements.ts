/** Elements of a layout one by one, in row-major order: for ops and dtypes without native code. */
import { floatFromHalf, halfFromFloat } from "@ane/mil-builder";
import type { Layout } from "./layout.js";
import type { Memory } from "./plan.js";

/** The values of a tensor. */
export function gather(memory: Memory, layout: Layout): Float64Array {
  const positions = positionsOf(layout);
  const isHalf = memory instanceof Uint16Array;
  return Float64Array.from(positions, (at) => (isHalf ? floatFromHalf(memory[at]!) : memory[at]!));
}

/** Stores the values of a tensor, rounded to what the memory holds. */
export function scatter(values: Float64Array, memory: Memory, layout: Layout): void {
  const isHalf = memory instanceof Uint16Array;
  positionsOf(layout).forEach((at, i) => {
    memory[at] = isHalf ? halfFromFloat(values[i]!) : values[i]!;
  });
}

/** Index into the buffer of every element. */
function positionsOf({ offset, dims }: Layout): Float64Array {
  let positions = Float64Array.of(offset);
  for (const { size, stride } of dims.flat()) {
    const next = new Float64Array(positions.length * size);
    positions.forEach((position, i) => {
      for (let j = 0; j < size; j++) next[i * size + j] = position + j * stride;
    });
    positions = next;
  }
  return positions;
}
