/**
 * Gradients of resizing, a linear map along each axis: the transposed map, a product with a constant matrix; where every element
 * was repeated, a sum over its copies.
 */
import { multiplyAxis, sumNeighbours } from "../autodiff/axis-map.js";
import type { Rules, Vjp, VjpRule } from "../autodiff/vjp.js";
import type { FunctionBuilder } from "../builder.js";
import { gridPoints, type SamplingMode } from "../evaluate/resample-axis.js";
import type { Value } from "../program.js";

/** The weight of each source element, by target element: what one axis is multiplied by. */
type AxisMap = (source: number, target: number) => readonly (readonly number[])[];

/** Every axis whose extent changed, back to it. */
function backAlongAxes({ f, cotangent, value }: Vjp, map: AxisMap): { readonly x: Value } {
  let dx = cotangent;
  for (const [axis, source] of value("x").type.shape.entries()) {
    const target = cotangent.type.shape[axis]!;
    if (target !== source) dx = multiplyAxis(f, dx, axis, transposed(map(source, target)));
  }
  return { x: dx };
}

function transposed(matrix: readonly (readonly number[])[]): readonly (readonly number[])[] {
  return matrix[0]!.map((_, column) => matrix.map((row) => row[column]!));
}

function linearMap(mode: SamplingMode): AxisMap {
  return (source, target) =>
    gridPoints(mode, source, target).map((point) => {
      const low = Math.floor(point);
      const row = new Array<number>(source).fill(0);
      row[low]! += 1 - (point - low);
      row[Math.min(low + 1, source - 1)]! += point - low;
      return row;
    });
}

function nearestMap(nearest: (source: number, target: number) => readonly number[]): AxisMap {
  return (source, target) =>
    nearest(source, target).map((from) =>
      Array.from({ length: source }, (_, index) => (index === from ? 1 : 0)),
    );
}

/** The element of x in which each place lies. */
const byPlace = nearestMap((source, target) =>
  Array.from({ length: target }, (_, i) => Math.floor((i * source) / target)),
);

const nearestNeighbor: VjpRule = (vjp) => {
  const { f, cotangent, value } = vjp;
  const { shape } = value("x").type;
  const isWhole = shape.every((dim, axis) => cotangent.type.shape[axis]! % dim === 0);
  return isWhole ? { x: sumBlocks(f, cotangent, shape) } : backAlongAxes(vjp, byPlace);
};

/** Every element of `shape` was repeated as a block. */
function sumBlocks(f: FunctionBuilder, dy: Value, shape: readonly number[]): Value {
  return shape.reduce(
    (sum, dim, axis) => sumNeighbours(f, sum, axis, dy.type.shape[axis]! / dim),
    dy,
  );
}

const upsampleBilinear: VjpRule = (vjp) => {
  const centers = !vjp.has("half_pixel_centers") || vjp.flag("half_pixel_centers");
  const unaligned = centers ? "UNALIGN_CORNERS" : "DEFAULT";
  const mode = vjp.flag("align_corners") ? "STRICT_ALIGN_CORNERS" : unaligned;
  return backAlongAxes(vjp, linearMap(mode));
};

const resizeBilinear: VjpRule = (vjp) =>
  backAlongAxes(vjp, linearMap(vjp.text("sampling_mode") as SamplingMode));

const resize: VjpRule = (vjp) => {
  const mode = vjp.text("sampling_mode") as SamplingMode;
  if (vjp.text("interpolation_mode") === "LINEAR") return backAlongAxes(vjp, linearMap(mode));
  return backAlongAxes(
    vjp,
    nearestMap((source, target) => gridPoints(mode, source, target).map(Math.round)),
  );
};

export const RESIZING_GRADIENTS = {
  resize,
  resize_bilinear: resizeBilinear,
  resize_nearest_neighbor: nearestNeighbor,
  upsample_bilinear: upsampleBilinear,
  upsample_nearest_neighbor: nearestNeighbor,
} satisfies Rules;
