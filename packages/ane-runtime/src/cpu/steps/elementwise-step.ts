/** One pass of the elementwise machine over a loop nest. */
import { elementwise } from "@ane/accel-ops";
import type { LoopNest } from "../layout.js";
import type { Placement, Step, Workspace } from "../plan.js";
import { innerLoops, type LoopOffsets } from "./inner-loops.js";
import { realMemory } from "./real-memory.js";

const NATIVE_DIMS = 4;

export interface ElementwiseOptions {
  readonly label: string;
  /** The ops by name. */
  readonly operation: string;
  readonly reads: readonly Placement[];
  readonly writes: readonly Placement[];
  /** Strides of `writes`, then of `reads`. */
  readonly nest: LoopNest;
  readonly code: Int32Array;
  readonly constants: Float32Array;
  readonly roundHalf: boolean;
  readonly flops: number;
}

export class ElementwiseStep implements Step {
  readonly kind = "elementwise";
  readonly label: string;
  readonly reads: readonly Placement[];
  readonly writes: readonly Placement[];
  readonly flops: number;
  readonly detail: string;
  readonly #program: Pick<ElementwiseOptions, "code" | "constants" | "roundHalf">;
  readonly #loops: LoopOffsets;

  constructor({ label, operation, reads, writes, nest, flops, ...program }: ElementwiseOptions) {
    this.label = label;
    this.reads = reads;
    this.writes = writes;
    this.flops = flops;
    this.detail = `${operation} over [${nest.sizes.join(", ")}]`;
    this.#program = program;
    this.#loops = innerLoops(nest, NATIVE_DIMS);
  }

  run({ memory }: Workspace): void {
    const { sizes, offsets } = this.#loops;
    for (const offset of offsets) {
      elementwise({
        ...this.#program,
        shape: sizes,
        inputs: this.reads.map((read, i) =>
          this.#operand(memory, read, offset, this.writes.length + i),
        ),
        outputs: this.writes.map((write, i) => this.#operand(memory, write, offset, i)),
      });
    }
  }

  #operand(
    memory: Workspace["memory"],
    { buffer, layout }: Placement,
    offsets: readonly number[],
    index: number,
  ) {
    return {
      data: realMemory(memory, buffer),
      offset: layout.offset + offsets[index]!,
      strides: this.#loops.strides[index]!,
    };
  }
}
