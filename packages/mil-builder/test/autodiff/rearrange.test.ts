import { describe, it } from "vitest";
import { type FunctionBuilder, type Opset, tensor } from "../../src/index.js";
import { checkGradients } from "./finite-differences.js";

const SIZES = [1, 2, 3];

describe.each(SIZES)("blocks of %i", (b) => {
  const deep = { x: { shape: [2, 2 * b * b, 3, 2] } };
  const wide = { x: { shape: [2, 3, 2 * b, 3 * b] } };

  it.each(["ios15", "ios18"] as const satisfies readonly Opset[])("in %s", (opset) => {
    checkGradients((f, { x }) => f.depth_to_space({ x, block_size: b }), deep, { opset });
    checkGradients((f, { x }) => f.space_to_depth({ x, block_size: b }), wide, { opset });
    checkGradients((f, { x }) => f.pixel_shuffle({ x, upscale_factor: b }), deep, { opset });
  });

  it("of pixel_unshuffle", () => {
    checkGradients((f, { x }) => f.pixel_unshuffle({ x, downscale_factor: b }), wide);
  });

  it("of the batch, padded and cropped", () => {
    const margins = (f: FunctionBuilder, name: string, values: readonly number[]) =>
      f.constant(name, tensor("int32", [2, 2]), values);
    checkGradients(
      (f, { x }) =>
        f.space_to_batch({
          x,
          block_shape: [b, 2],
          paddings: margins(f, "paddings", [b, 0, 1, 1]),
        }),
      { x: { shape: [2, 3, 2 * b, 4] } },
    );
    checkGradients(
      (f, { x }) =>
        f.batch_to_space({ x, block_shape: [b, 2], crops: margins(f, "crops", [0, 1, 2, 0]) }),
      { x: { shape: [2 * b * 2, 2, 3, 2] } },
    );
  });
});
