/** Gradients of ops that move blocks between dims: each is a permutation, whose inverse is another op of the family. */
import { reshapeTo } from "../autodiff/reshape-to.js";
import type { Rules, VjpRule } from "../autodiff/vjp.js";
import type { Four } from "./image.js";

const depthToSpace: VjpRule = (vjp) => ({
  x: vjp.f.space_to_depth({ x: vjp.cotangent, block_size: vjp.number("block_size") }),
});

const spaceToDepth: VjpRule = (vjp) => ({
  x: vjp.f.depth_to_space({ x: vjp.cotangent, block_size: vjp.number("block_size") }),
});

/** Written out, as pixel_unshuffle exists from ios16 on only: rows of blocks first, then columns. */
const pixelShuffle: VjpRule = (vjp) => {
  const { f, cotangent, value } = vjp;
  const by = vjp.number("upscale_factor");
  const [n, c, h, w] = value("x").type.shape as Four;
  const planes = (n * c) / (by * by);
  const blocks = reshapeTo(f, cotangent, [planes, h, by, w * by]);
  const rows = f.transpose({ x: blocks, perm: [0, 2, 1, 3] });
  const pixels = reshapeTo(f, rows, [planes * by, h, w, by]);
  const columns = f.transpose({ x: pixels, perm: [0, 3, 1, 2] });
  return { x: reshapeTo(f, columns, [n, c, h, w]) };
};

const pixelUnshuffle: VjpRule = (vjp) => ({
  x: vjp.f.pixel_shuffle({ x: vjp.cotangent, upscale_factor: vjp.number("downscale_factor") }),
});

/** What was padded is cropped. */
const spaceToBatch: VjpRule = (vjp) => ({
  x: vjp.f.batch_to_space({
    x: vjp.cotangent,
    block_shape: vjp.numbers("block_shape"),
    crops: vjp.value("paddings"),
  }),
});

/** What was cropped is padded. */
const batchToSpace: VjpRule = (vjp) => ({
  x: vjp.f.space_to_batch({
    x: vjp.cotangent,
    block_shape: vjp.numbers("block_shape"),
    paddings: vjp.value("crops"),
  }),
});

export const REARRANGING_GRADIENTS = {
  batch_to_space: batchToSpace,
  depth_to_space: depthToSpace,
  pixel_shuffle: pixelShuffle,
  pixel_unshuffle: pixelUnshuffle,
  space_to_batch: spaceToBatch,
  space_to_depth: spaceToDepth,
} satisfies Rules;
