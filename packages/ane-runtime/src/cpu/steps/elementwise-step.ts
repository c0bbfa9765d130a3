/** One pass of the elementwise machine over a loop nest. */
import type { ElementwiseStep, StridedPlace } from "@ane/accel-ops";
import type { GraphNode } from "../graph.js";
import type { LoopNest } from "../layout.js";
import type { NativeStep, Placement } from "../plan.js";
import { innerLoops } from "./inner-loops.js";

const NATIVE_DIMS = 4;

export interface ElementwiseOptions {
  readonly nodes: readonly GraphNode[];
  readonly reads: readonly Placement[];
  readonly writes: readonly Placement[];
  /** Strides of `writes`, then of `reads`. */
  readonly nest: LoopNest;
  readonly program: Pick<ElementwiseStep, "code" | "constants" | "roundHalf">;
  readonly flops: number;
}

/** @param label names of the values that are stored */
export function elementwiseStep(label: string, options: ElementwiseOptions): NativeStep {
  const { nodes, reads, writes, nest, program, flops } = options;
  const { sizes, strides, offsets } = innerLoops(nest, NATIVE_DIMS);
  return {
    kind: "elementwise",
    ...{ label, reads, writes, flops, nodes },
    detail: `${nodes.map(({ type }) => type).join(" ")} over [${nest.sizes.join(", ")}]`,
    native: offsets.map((shifts): ElementwiseStep => {
      const place = ({ buffer, layout }: Placement, operand: number): StridedPlace => ({
        buffer,
        offset: layout.offset + shifts[operand]!,
        strides: strides[operand]!,
      });
      return {
        kind: "elementwise",
        ...program,
        shape: sizes,
        inputs: reads.map((read, i) => place(read, writes.length + i)),
        outputs: writes.map(place),
      };
    }),
  };
}
