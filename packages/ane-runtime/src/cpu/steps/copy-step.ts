/** Moves a tensor from one layout to another, rounding to the target's dtype. */
import { gather, scatter } from "../elements.js";
import { inMemoryOrder, loopNest } from "../layout.js";
import type { Placement, Step, StorageDType } from "../plan.js";
import { innerLoops } from "./inner-loops.js";

const NATIVE_DIMS = 5;

/** A tensor's place with the dtype of its buffer. */
export interface TypedPlacement extends Placement {
  readonly dtype: StorageDType;
}

export function copyStep(label: string, from: TypedPlacement, to: TypedPlacement): Step {
  const nest = loopNest([to.layout, from.layout]);
  const described = {
    kind: "copy" as const,
    label,
    reads: [from],
    writes: [to],
    flops: 0,
    detail: nest ? `[${nest.sizes.join(", ")}]` : "element by element",
  };
  // What two layouts split incompatibly, and integers, are moved by JavaScript.
  if (!nest || from.dtype === "fp64" || to.dtype === "fp64") {
    return {
      ...described,
      run: ({ memory }) => {
        scatter(gather(memory[from.buffer]!, from.layout), memory[to.buffer]!, to.layout);
      },
    };
  }
  const { sizes, strides, offsets } = innerLoops(inMemoryOrder(nest), NATIVE_DIMS);
  const place = ({ buffer, layout }: Placement, shift: number, operand: number) => ({
    buffer,
    offset: layout.offset + shift,
    strides: strides[operand]!,
  });
  return {
    ...described,
    nodes: [],
    native: offsets.map(([toShift, fromShift]) => ({
      kind: "copy",
      shape: sizes,
      src: place(from, fromShift!, 1),
      dst: place(to, toShift!, 0),
    })),
  };
}
