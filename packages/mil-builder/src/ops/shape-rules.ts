/** Shape rules that several op families share. */
import type { InferScope } from "../op-definition.js";
import { type TensorType, UNKNOWN_DIM } from "../program.js";
import { dimsAgree, formatShape, formatType, isUnknownDim } from "../tensor-type.js";

/** numpy broadcasting: right-aligned, each dim equal or 1; unknown dims take the other's extent. @throws ShapeError */
export function broadcastShapes(
  a: readonly number[],
  b: readonly number[],
  scope: InferScope,
): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (!dimsAgree(left, right) && left !== 1 && right !== 1) {
      throw scope.error(
        "shapes must broadcast (aligned at the right, each dim equal or 1)",
        `dim ${axis - rank} equal or 1`,
        `${formatShape(a)} and ${formatShape(b)}`,
      );
    }
    return left === 1 || (isUnknownDim(left) && right !== 1) ? right : left;
  });
}

/** No tensor of any program has as many dims; a number in hostile text must not fill the memory. */
const HIGHEST_RANK = 32;

/** Unknown dims, as many as a computed shape vector has elements. @throws ShapeError if their number is unknown or absurd */
export function unknownShape(vector: TensorType, scope: InferScope): readonly number[] {
  const rank = vector.shape[0]!;
  if (!(rank <= HIGHEST_RANK)) {
    const rule = "a computed shape must be a vector of known length";
    throw scope.error(rule, `at most ${HIGHEST_RANK} elements`, formatType(vector));
  }
  return new Array<number>(rank).fill(UNKNOWN_DIM);
}

/** An axis counted from the end made positive. @throws ShapeError */
export function positiveAxis(name: string, axis: number, rank: number, scope: InferScope): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (positive < 0 || positive >= rank || !Number.isInteger(axis)) {
    throw scope.error(
      `"${name}" must be an axis of a tensor of rank ${rank}`,
      `${-rank}..${rank - 1}`,
      `${axis}`,
    );
  }
  return positive;
}

/** Distinct positive axes in the order given. @throws ShapeError */
export function positiveAxes(
  name: string,
  axes: readonly number[],
  rank: number,
  scope: InferScope,
): readonly number[] {
  const positive = axes.map((axis) => positiveAxis(name, axis, rank, scope));
  if (new Set(positive).size !== axes.length) {
    throw scope.error(`"${name}" must name each axis once`, "distinct axes", formatShape(axes));
  }
  return positive;
}

/** The same for evaluation, where inference has already checked. */
export function wrapAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** Throws unless a vector has one entry per dimension. */
export function expectLength(
  name: string,
  list: readonly unknown[],
  length: number,
  scope: InferScope,
): void {
  if (list.length !== length) {
    throw scope.error(
      `"${name}" must have one entry per dimension`,
      `${length} entries`,
      `${list.length}`,
    );
  }
}
