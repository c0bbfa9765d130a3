/** Moves a tensor from one layout to another, rounding to the target's dtype. */
import { copyStrided } from "@ane/accel-ops";
import { gather, scatter } from "../elements.js";
import { inMemoryOrder, type LoopNest, loopNest } from "../layout.js";
import type { Memory, Placement, Step, Workspace } from "../plan.js";
import { innerLoops, type LoopOffsets } from "./inner-loops.js";

const NATIVE_DIMS = 5;

export class CopyStep implements Step {
  readonly kind = "copy";
  readonly label: string;
  readonly reads: readonly [Placement];
  readonly writes: readonly [Placement];
  readonly flops = 0;
  readonly detail: string;
  /** Undefined where the two layouts split a dim incompatibly. */
  readonly #loops: LoopOffsets | undefined;

  constructor(label: string, from: Placement, to: Placement) {
    this.label = label;
    this.reads = [from];
    this.writes = [to];
    const nest: LoopNest | undefined = loopNest([to.layout, from.layout]);
    this.#loops = nest && innerLoops(inMemoryOrder(nest), NATIVE_DIMS);
    this.detail = nest ? `[${nest.sizes.join(", ")}]` : "element by element";
  }

  run({ memory }: Workspace): void {
    const [from] = this.reads;
    const [to] = this.writes;
    const [source, target]: [Memory, Memory] = [memory[from.buffer]!, memory[to.buffer]!];
    if (!this.#loops || source instanceof Float64Array || target instanceof Float64Array) {
      scatter(gather(source, from.layout), target, to.layout);
      return;
    }
    const { sizes, strides, offsets } = this.#loops;
    for (const [toOffset, fromOffset] of offsets) {
      copyStrided({
        shape: sizes,
        src: { data: source, offset: from.layout.offset + fromOffset!, strides: strides[1]! },
        dst: { data: target, offset: to.layout.offset + toOffset!, strides: strides[0]! },
      });
    }
  }
}
