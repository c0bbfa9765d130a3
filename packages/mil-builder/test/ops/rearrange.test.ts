import { describe, expect, it } from "vitest";
import { tensor } from "../../src/index.js";
import { counting, expectShapeError, runOne } from "./run-op.js";

const channels = counting("fp32", [1, 8, 1, 1]);
const margins = tensor("int32", [2, 2]);

describe("blocks and channels", () => {
  it("depth_to_space takes the block first, pixel_shuffle the channel first", () => {
    const depth = runOne({ channels }, (f, v) =>
      f.depth_to_space({ x: v.channels, block_size: 2 }),
    );
    expect(depth.shape).toEqual([1, 2, 2, 2]);
    expect(depth.data).toEqual([0, 2, 4, 6, 1, 3, 5, 7]);
    const pixels = runOne({ channels }, (f, v) =>
      f.pixel_shuffle({ x: v.channels, upscale_factor: 2 }),
    );
    expect(pixels.data).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("space_to_depth and pixel_unshuffle are the inverses", () => {
    const x = counting("fp32", [2, 12, 3, 2]);
    const depth = runOne({ x }, (f, v) =>
      f.space_to_depth({ x: f.depth_to_space({ x: v.x, block_size: 2 }), block_size: 2 }),
    );
    expect(depth.data).toEqual(x.data);
    const pixels = runOne({ x }, (f, v) =>
      f.pixel_unshuffle({
        x: f.pixel_shuffle({ x: v.x, upscale_factor: 2 }),
        downscale_factor: 2,
      }),
    );
    expect(pixels.data).toEqual(x.data);
  });

  it("refuse what does not divide", () => {
    const x = counting("fp32", [1, 6, 3, 4]);
    const rule = /must be divisible/;
    expectShapeError({ x }, (f, v) => f.depth_to_space({ x: v.x!, block_size: 2 }), rule);
    expectShapeError({ x }, (f, v) => f.pixel_shuffle({ x: v.x!, upscale_factor: 2 }), rule);
    expectShapeError({ x }, (f, v) => f.space_to_depth({ x: v.x!, block_size: 2 }), rule);
    expectShapeError({ x }, (f, v) => f.space_to_depth({ x: v.x!, block_size: 0 }), /positive/);
  });
});

describe("blocks and batch", () => {
  const x = counting("fp32", [2, 3, 4, 5]);

  it("batch_to_space undoes space_to_batch", () => {
    const result = runOne({ x }, (f, v) => {
      const paddings = f.constant("paddings", margins, [1, 1, 0, 1]);
      const blocks = f.space_to_batch({ x: v.x, block_shape: [2, 3], paddings });
      expect(blocks.type.shape).toEqual([12, 3, 3, 2]);
      return f.batch_to_space({ x: blocks, block_shape: [2, 3], crops: paddings });
    });
    expect(result).toEqual({ dtype: "fp32", shape: [2, 3, 4, 5], data: x.data });
  });

  it("refuse blocks that do not fit", () => {
    expectShapeError(
      { x },
      (f, v) =>
        f.space_to_batch({
          x: v.x!,
          block_shape: [2, 3],
          paddings: f.constant("paddings", margins, [0, 0, 0, 0]),
        }),
      /the padded width must be divisible/,
    );
    expectShapeError(
      { x },
      (f, v) =>
        f.batch_to_space({
          x: v.x!,
          block_shape: [2, 2],
          crops: f.constant("crops", margins, [0, 0, 0, 0]),
        }),
      /the batch must be divisible/,
    );
  });
});
