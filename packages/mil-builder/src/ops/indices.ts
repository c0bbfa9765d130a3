/** Rules of indices that gather and scatter share. Source: coremltools iOS17 scatter_gather.py. */
import { ArgumentError } from "../errors.js";
import { flag, from, optional } from "../input-spec.js";
import type { InferScope } from "../op-definition.js";
import { formatShape } from "../tensor-type.js";

/** Refuses constant indices outside `0..dims - 1`, instead of leaving undefined what they give. */
export const VALIDATE_INDICES = from("ios17", optional(flag(), false));

/** Integers that indices of gather may be. */
export const INDEX_DTYPES = {
  ios15: ["int32"],
  ios16: ["int32", "uint16", "int16"],
  ios17: ["int32", "int16", "uint16", "int8", "uint8"],
} as const;

/**
 * What `validate_indices` asks for, as far as indices are constant; negative ones do not count from the end.
 * @param dims extents that the components of an index point into, in turn
 * @throws ShapeError
 */
export function checkIndices(dims: readonly number[], scope: InferScope): void {
  const outside = scope
    .elementsOf("indices")
    ?.find((index, i) => index < 0 || index >= dims[i % dims.length]!);
  if (outside !== undefined) {
    const rule = '"indices" must lie inside, as "validate_indices" says';
    throw scope.error(rule, `not negative, below ${formatShape(dims)}`, `${outside}`);
  }
}

/**
 * An index that may count from the end. (Since iOS17 what a negative one gives is undefined; this is what it gave before.)
 * @throws ArgumentError if it points outside
 */
export function insideIndex(op: string, index: number, length: number): number {
  const positive = index < 0 ? index + length : index;
  if (positive >= 0 && positive < length) return positive;
  throw new ArgumentError(
    `interpret: ${op}: indices lie in ${-length}..${length - 1}, got ${index}. What the engine does then is undefined.`,
  );
}
