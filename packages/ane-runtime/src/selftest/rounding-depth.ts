/**
 * How often a result can have been rounded: the ops on the longest chain from an input to an output. It states the tolerance of a
 * program: two devices that round each op to fp16 differ by at most one unit in the last place per op, of the largest element,
 * as long as no op amplifies its input.
 */
import type { Argument, Program } from "@ane/mil-builder";

/** Ops that only move elements, and constants. */
const EXACT = new Set([
  "const",
  "concat",
  "expand_dims",
  "identity",
  "reshape",
  "slice_by_index",
  "slice_by_size",
  "split",
  "squeeze",
  "tile",
  "transpose",
]);

/** At least 1: storing an fp16 result is a rounding too. */
export function roundingDepth({ functions }: Program): number {
  const depths = new Map<string, number>();
  let deepest = 1;
  for (const { type, inputs, outputs } of functions[0]!.operations) {
    const before = Math.max(
      0,
      ...Object.values(inputs).map((argument) => depthOf(argument, depths)),
    );
    const depth = before + (EXACT.has(type) || type.startsWith("constexpr_") ? 0 : 1);
    for (const { name } of outputs) depths.set(name, depth);
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function depthOf(argument: Argument, depths: ReadonlyMap<string, number>): number {
  if (argument.kind === "value") return depths.get(argument.value.name) ?? 0;
  if (argument.kind !== "tuple") return 0;
  return Math.max(0, ...argument.items.map((item) => depthOf(item, depths)));
}
