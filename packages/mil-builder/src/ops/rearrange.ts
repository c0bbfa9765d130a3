/**
 * Ops that move elements between the batch, channel and spatial dims of x [N, C, H, W], in blocks of B x B (f x f). Source:
 * coremltools iOS15 and iOS16 tensor_transformation.py; the order inside a block is TensorFlow's for depth and batch,
 * torch's for pixels.
 */
import { copyByIndex, everyIndex, NOTHING } from "../evaluate/by-index.js";
import { permuted } from "../evaluate/strided.js";
import { integer, integers, tensorInput } from "../input-spec.js";
import { defineOp, FLOATS, type InferScope } from "../op-definition.js";
import type { TensorType } from "../program.js";
import { type Tensor, zeros } from "../tensor.js";
import { formatShape, tensor } from "../tensor-type.js";
import { type Four, imageShape } from "./image.js";

const TYPES = { T: { domain: FLOATS } } as const;
/** dim / divisor, which must be a whole number. */
function divided(dim: number, divisor: number, what: string, scope: InferScope): number {
  if (dim % divisor > 0) {
    throw scope.error(`${what} must be divisible`, `a multiple of ${divisor}`, `${dim}`);
  }
  return dim / divisor;
}

function checkFactor(name: string, factor: number, scope: InferScope): void {
  if (!(factor >= 1)) throw scope.error(`"${name}" must be positive`, "1 or more", `${factor}`);
}

/** Blocks out of channels. */
function inferToSpace(x: TensorType, name: string, factor: number, scope: InferScope): TensorType {
  const [n, c, h, w] = imageShape(x, scope);
  checkFactor(name, factor, scope);
  const channels = divided(c, factor * factor, "the channels", scope);
  return tensor(x.dtype, [n, channels, h * factor, w * factor]);
}

/** Blocks into channels. */
function inferToDepth(x: TensorType, name: string, factor: number, scope: InferScope): TensorType {
  const [n, c, h, w] = imageShape(x, scope);
  checkFactor(name, factor, scope);
  const height = divided(h, factor, "the height", scope);
  const width = divided(w, factor, "the width", scope);
  return tensor(x.dtype, [n, c * factor * factor, height, width]);
}

/** Elements of x in `shape`, then with its axes permuted. */
function rearranged({ type, data }: Tensor, shape: readonly number[], perm: readonly number[]) {
  return permuted({ type: { ...type, shape }, data }, perm);
}

const depthToSpace = defineOp({
  type: "depth_to_space",
  summary: "blocks of block_size x block_size out of channels, channel inside the block first",
  since: "ios15",
  types: TYPES,
  inputs: { x: tensorInput("T"), block_size: integer() },
  infer: ({ x, block_size }, scope) => inferToSpace(x, "block_size", block_size, scope),
  evaluate: ({ x, block_size: b }, [out]) => {
    const [n, c, h, w] = x.type.shape as Four;
    out.data.set(rearranged(x, [n, b, b, c / (b * b), h, w], [0, 3, 4, 1, 5, 2]));
  },
});

const spaceToDepth = defineOp({
  type: "space_to_depth",
  summary: "blocks of block_size x block_size into channels, the inverse of depth_to_space",
  since: "ios15",
  types: TYPES,
  inputs: { x: tensorInput("T"), block_size: integer() },
  infer: ({ x, block_size }, scope) => inferToDepth(x, "block_size", block_size, scope),
  evaluate: ({ x, block_size: b }, [out]) => {
    const [n, c, h, w] = x.type.shape as Four;
    out.data.set(rearranged(x, [n, c, h / b, b, w / b, b], [0, 3, 5, 1, 2, 4]));
  },
});

const pixelShuffle = defineOp({
  type: "pixel_shuffle",
  summary: "blocks out of channels as torch's PixelShuffle, block inside the channel",
  since: "ios15",
  types: TYPES,
  inputs: { x: tensorInput("T"), upscale_factor: integer() },
  infer: ({ x, upscale_factor }, scope) => inferToSpace(x, "upscale_factor", upscale_factor, scope),
  evaluate: ({ x, upscale_factor: f }, [out]) => {
    const [n, c, h, w] = x.type.shape as Four;
    out.data.set(rearranged(x, [n, c / (f * f), f, f, h, w], [0, 1, 4, 2, 5, 3]));
  },
});

const pixelUnshuffle = defineOp({
  type: "pixel_unshuffle",
  summary: "blocks into channels, the inverse of pixel_shuffle",
  since: "ios16",
  types: TYPES,
  inputs: { x: tensorInput("T"), downscale_factor: integer(["uint32"]) },
  infer: ({ x, downscale_factor }, scope) =>
    inferToDepth(x, "downscale_factor", downscale_factor, scope),
  evaluate: ({ x, downscale_factor: f }, [out]) => {
    const [n, c, h, w] = x.type.shape as Four;
    out.data.set(rearranged(x, [n, c, h / f, f, w / f, f], [0, 1, 3, 5, 2, 4]));
  },
});

/** Two numbers per spatial dim. */
type Margins = readonly [top: number, bottom: number, left: number, right: number];

/** A constant [2, 2] matrix. */
function marginsOf(name: string, matrix: TensorType, scope: InferScope): Margins {
  const margins = scope.elementsOf(name);
  const fits = matrix.shape.length === 2 && matrix.shape.every((dim) => dim === 2);
  if (!fits || margins === undefined || margins.some((margin) => margin < 0)) {
    const rule = `"${name}" must be a literal of [2, 2] numbers, none negative`;
    throw scope.error(rule, "[2, 2]", formatShape(matrix.shape));
  }
  return margins as unknown as Margins;
}

function blockOf(block: readonly number[], scope: InferScope): readonly [number, number] {
  if (block.length !== 2 || block.some((size) => size < 1)) {
    const rule = '"block_shape" must be a height and a width';
    throw scope.error(rule, "2 positive numbers", formatShape(block));
  }
  return block as unknown as readonly [number, number];
}

const MARGINS = { domain: ["int32"] } as const;

const spaceToBatch = defineOp({
  type: "space_to_batch",
  summary: "blocks of block_shape of the padded x into the batch",
  since: "ios15",
  types: { ...TYPES, I: MARGINS },
  inputs: { x: tensorInput("T"), block_shape: integers(), paddings: tensorInput("I", true) },
  infer: ({ x, block_shape, paddings }, scope) => {
    const [n, c, h, w] = imageShape(x, scope);
    const [rows, columns] = blockOf(block_shape, scope);
    const [top, bottom, left, right] = marginsOf("paddings", paddings, scope);
    const height = divided(top + h + bottom, rows, "the padded height", scope);
    const width = divided(left + w + right, columns, "the padded width", scope);
    return tensor(x.dtype, [n * rows * columns, c, height, width]);
  },
  evaluate: ({ x, block_shape, paddings }, [out]) => {
    const [n, c, h, w] = x.type.shape as Four;
    const [rows, columns] = block_shape as readonly [number, number];
    const [top, bottom, left, right] = paddings.data as unknown as Margins;
    const [height, width] = [top + h + bottom, left + w + right];
    const padded = zeros(tensor(x.type.dtype, [n, c, height, width]));
    const line = (before: number, length: number, after: number) => [
      ...new Array<number>(before).fill(NOTHING),
      ...everyIndex(length),
      ...new Array<number>(after).fill(NOTHING),
    ];
    const lists = [everyIndex(n), everyIndex(c), line(top, h, bottom), line(left, w, right)];
    copyByIndex(x, lists, padded.data);
    const split = [n, c, height / rows, rows, width / columns, columns];
    out.data.set(rearranged(padded, split, [3, 5, 0, 1, 2, 4]));
  },
});

const batchToSpace = defineOp({
  type: "batch_to_space",
  summary: "blocks of block_shape out of the batch, then cropped",
  since: "ios15",
  types: { ...TYPES, I: MARGINS },
  inputs: { x: tensorInput("T"), block_shape: integers(), crops: tensorInput("I", true) },
  infer: ({ x, block_shape, crops }, scope) => {
    const [n, c, h, w] = imageShape(x, scope);
    const [rows, columns] = blockOf(block_shape, scope);
    const [top, bottom, left, right] = marginsOf("crops", crops, scope);
    const batch = divided(n, rows * columns, "the batch", scope);
    const shape = [batch, c, h * rows - top - bottom, w * columns - left - right];
    if (shape.some((dim) => dim < 1)) {
      throw scope.error("something must be left", "smaller crops", formatShape(shape));
    }
    return tensor(x.dtype, shape);
  },
  evaluate: ({ x, block_shape, crops }, [out]) => {
    const [n, c, h, w] = x.type.shape as Four;
    const [rows, columns] = block_shape as readonly [number, number];
    const [top, , left] = crops.data as unknown as Margins;
    const batch = n / (rows * columns);
    const data = rearranged(x, [rows, columns, batch, c, h, w], [2, 3, 4, 0, 5, 1]);
    const joined = { type: tensor(x.type.dtype, [batch, c, h * rows, w * columns]), data };
    const lists = out.type.shape.map(everyIndex);
    const moved = (list: readonly number[], by: number) => list.map((index) => index + by);
    copyByIndex(
      joined,
      [lists[0]!, lists[1]!, moved(lists[2]!, top), moved(lists[3]!, left)],
      out.data,
    );
  },
});

export const REARRANGING_OPS = {
  depth_to_space: depthToSpace,
  space_to_depth: spaceToDepth,
  pixel_shuffle: pixelShuffle,
  pixel_unshuffle: pixelUnshuffle,
  space_to_batch: spaceToBatch,
  batch_to_space: batchToSpace,
} as const;
