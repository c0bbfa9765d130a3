/** Native code takes a few nested loops; the outer ones of a deeper nest become a list of calls. */
import type { LoopNest } from "../layout.js";

/** The nest of one call, and for each call how far every operand is from its first. */
export interface LoopOffsets extends LoopNest {
  readonly offsets: readonly (readonly number[])[];
}

/** A nest of one to `limit` loops per call; a scalar is a loop of one. */
export function innerLoops({ sizes, strides }: LoopNest, limit: number): LoopOffsets {
  if (sizes.length === 0) {
    const [one, zero] = [strides.map(() => [1]), strides.map(() => 0)];
    return { sizes: [1], strides: one, offsets: [zero] };
  }
  const outer = Math.max(0, sizes.length - limit);
  let offsets: number[][] = [strides.map(() => 0)];
  for (let loop = 0; loop < outer; loop++) {
    offsets = offsets.flatMap((base) =>
      Array.from({ length: sizes[loop]! }, (_, i) =>
        base.map((at, operand) => at + i * strides[operand]![loop]!),
      ),
    );
  }
  return {
    sizes: sizes.slice(outer),
    strides: strides.map((own) => own.slice(outer)),
    offsets,
  };
}
