/**
 * Resizing of the last dims to a grid of points. Source: coremltools iOS15 to iOS17 image_resizing.py; nearest neighbors by
 * scale or size take the element that a point lies in, as torch does, and `resize` the nearest point, as its test cases do.
 */
import { axisView, forEachLine } from "../evaluate/along-axis.js";
import { copyByIndex, everyIndex } from "../evaluate/by-index.js";
import { gridPoints, SAMPLING_MODES, type SamplingMode } from "../evaluate/resample-axis.js";
import {
  absent,
  choice,
  flag,
  from,
  integer,
  optional,
  positions,
  real,
  tensorInput,
} from "../input-spec.js";
import { defineOp, FLOATS, type InferScope, isComputed, NUMBERS } from "../op-definition.js";
import { type TensorType, UNKNOWN_DIM } from "../program.js";
import type { Tensor } from "../tensor.js";
import { formatShape, formatType, tensor } from "../tensor-type.js";

const TYPES = { T: { domain: FLOATS } } as const;
const SCALED = { ...TYPES, U: { domain: ["fp32", "int32"] } } as const;

const SCALES = {
  scale_factor_height: optional(real("U"), 1),
  scale_factor_width: optional(real("U"), 1),
} as const;

function inferResize(
  x: TensorType,
  resized: (height: number, width: number) => readonly [number, number],
  scope: InferScope,
): TensorType {
  const [height, width] = x.shape.slice(-2);
  if (x.shape.length < 3) {
    throw scope.error('"x" must have 3 dims or more', "rank 3 or more", formatShape(x.shape));
  }
  const size = resized(height!, width!);
  if (size.some((dim) => dim < 1)) {
    throw scope.error("the new size must be positive", "1 or more", formatShape(size));
  }
  return tensor(x.dtype, [...x.shape.slice(0, -2), ...size]);
}

function inferScaled(x: TensorType, byHeight: number, byWidth: number, scope: InferScope) {
  const scaled = (dim: number, by: number) => Math.floor(dim * by);
  return inferResize(x, (h, w) => [scaled(h, byHeight), scaled(w, byWidth)], scope);
}

/** Every element is that of x in which point i · source / target lies. */
function copyNearest(x: Tensor, out: Tensor): void {
  const lists = out.type.shape.map((length, axis) => {
    const source = x.type.shape[axis]!;
    return everyIndex(length).map((i) => Math.floor((i * source) / length));
  });
  copyByIndex(x, lists, out.data);
}

/** Linear along one axis after another. */
function copyLinear(x: Tensor, out: Tensor, mode: SamplingMode): void {
  let current = x;
  for (const [axis, length] of out.type.shape.entries()) {
    const source = x.type.shape[axis]!;
    if (source !== length) current = linearAxis(current, axis, gridPoints(mode, source, length));
  }
  out.data.set(current.data);
}

function linearAxis({ type, data }: Tensor, axis: number, points: readonly number[]): Tensor {
  const view = axisView(type.shape, axis);
  const { length, inner } = view;
  const shape = type.shape.with(axis, points.length);
  const result = new Float64Array((data.length / length) * points.length);
  forEachLine(view, (start) => {
    const first = Math.floor(start / (length * inner)) * points.length * inner + (start % inner);
    for (const [i, point] of points.entries()) {
      const low = Math.floor(point);
      const high = Math.min(low + 1, length - 1);
      const [a, b] = [data[start + low * inner]!, data[start + high * inner]!];
      result[first + i * inner] = a + (b - a) * (point - low);
    }
  });
  return { type: { ...type, shape }, data: result };
}

const upsampleNearestNeighbor = defineOp({
  type: "upsample_nearest_neighbor",
  summary: "the last two dims scaled, each element that of x in which its place lies",
  since: "ios15",
  types: SCALED,
  inputs: { x: tensorInput("T"), ...SCALES },
  infer: ({ x, scale_factor_height, scale_factor_width }, scope) =>
    inferScaled(x, scale_factor_height, scale_factor_width, scope),
  evaluate: ({ x }, [out]) => copyNearest(x, out),
});

const resizeNearestNeighbor = defineOp({
  type: "resize_nearest_neighbor",
  summary: "the last two dims in a new size, each element that of x in which its place lies",
  since: "ios15",
  types: TYPES,
  inputs: {
    x: tensorInput("T"),
    target_size_height: integer(),
    target_size_width: integer(),
  },
  infer: ({ x, target_size_height, target_size_width }, scope) =>
    inferResize(x, () => [target_size_height, target_size_width], scope),
  evaluate: ({ x }, [out]) => copyNearest(x, out),
});

/** The scale is computed anew from the sizes. */
const upsampleBilinear = defineOp({
  type: "upsample_bilinear",
  summary: "the last two dims scaled, linear between elements",
  since: "ios15",
  types: SCALED,
  inputs: {
    x: tensorInput("T"),
    ...SCALES,
    align_corners: optional(flag(), true),
    half_pixel_centers: from("ios16", absent(flag(), "not align_corners")),
  },
  infer: ({ x, scale_factor_height, scale_factor_width, ...inputs }, scope) => {
    if (inputs.align_corners && inputs.half_pixel_centers) {
      const rule = '"half_pixel_centers" does not go with "align_corners"';
      throw scope.error(rule, "one of the two", "both");
    }
    return inferScaled(x, scale_factor_height, scale_factor_width, scope);
  },
  evaluate: ({ x, align_corners, half_pixel_centers }, [out]) => {
    const unaligned = (half_pixel_centers ?? true) ? "UNALIGN_CORNERS" : "DEFAULT";
    copyLinear(x, out, align_corners ? "STRICT_ALIGN_CORNERS" : unaligned);
  },
});

const resizeBilinear = defineOp({
  type: "resize_bilinear",
  summary: "the last two dims in a new size, linear between elements",
  since: "ios15",
  types: TYPES,
  inputs: {
    x: tensorInput("T"),
    target_size_height: optional(integer(), 1),
    target_size_width: optional(integer(), 1),
    sampling_mode: optional(choice(SAMPLING_MODES), "DEFAULT"),
  },
  infer: ({ x, target_size_height, target_size_width }, scope) =>
    inferResize(x, () => [target_size_height, target_size_width], scope),
  evaluate: ({ x, sampling_mode }, [out]) => copyLinear(x, out, sampling_mode),
});

/** The last `resized_dims` dims take the last extents of `shape`; 0 keeps an extent. */
const resize = defineOp({
  type: "resize",
  summary: "the last resized_dims dims in the extents at the end of shape",
  since: "ios17",
  types: { T: { domain: NUMBERS } },
  inputs: {
    x: tensorInput("T"),
    shape: positions(["int32", "int16", "uint16", "uint32"]),
    resized_dims: integer(["uint32"]),
    interpolation_mode: optional(choice(["LINEAR", "NEAREST_NEIGHBOR"]), "LINEAR"),
    sampling_mode: optional(choice(SAMPLING_MODES), "DEFAULT"),
  },
  infer: ({ x, shape, resized_dims }, scope) => {
    const rank = x.shape.length;
    const length = isComputed(shape) ? shape.shape[0]! : shape.length;
    if (resized_dims > length || length > rank || resized_dims > rank) {
      const given = isComputed(shape) ? formatType(shape) : formatShape(shape);
      const rule = '"shape" must have resized_dims extents or more, up to the rank of x';
      throw scope.error(rule, `${resized_dims}..${rank}`, given);
    }
    const kept = x.shape.slice(0, rank - resized_dims);
    const old = x.shape.slice(rank - resized_dims);
    const extents = old.map((dim, i) => {
      if (isComputed(shape)) return UNKNOWN_DIM;
      return shape[shape.length - resized_dims + i] || dim;
    });
    if (extents.some((dim) => dim < 1)) {
      throw scope.error("the new size must be positive", "1 or more", formatShape(extents));
    }
    return tensor(x.dtype, [...kept, ...extents]);
  },
  evaluate: ({ x, interpolation_mode, sampling_mode }, [out]) => {
    if (interpolation_mode === "LINEAR") {
      copyLinear(x, out, sampling_mode);
      return;
    }
    const lists = out.type.shape.map((length, axis) =>
      gridPoints(sampling_mode, x.type.shape[axis]!, length).map(Math.round),
    );
    copyByIndex(x, lists, out.data);
  },
});

export const RESIZING_OPS = {
  upsample_nearest_neighbor: upsampleNearestNeighbor,
  upsample_bilinear: upsampleBilinear,
  resize_nearest_neighbor: resizeNearestNeighbor,
  resize_bilinear: resizeBilinear,
  resize,
} as const;
