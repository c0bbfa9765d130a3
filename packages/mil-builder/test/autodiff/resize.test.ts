import fc from "fast-check";
import { describe, it } from "vitest";
import type { FunctionBuilder, Value } from "../../src/index.js";
import { checkGradients } from "./finite-differences.js";

const MODES = [
  "DEFAULT",
  "STRICT_ALIGN_CORNERS",
  "ALIGN_CORNERS",
  "OFFSET_CORNERS",
  "UNALIGN_CORNERS",
] as const;

const size = fc.integer({ min: 1, max: 5 });
const sizes = fc.record({ height: size, width: size, toHeight: size, toWidth: size });

/** Images of random sizes, resized to others. */
function check(
  resized: (f: FunctionBuilder, x: Value, height: number, width: number) => Value,
): void {
  fc.assert(
    fc.property(sizes, ({ height, width, toHeight, toWidth }) => {
      checkGradients((f, { x }) => resized(f, x, toHeight, toWidth), {
        x: { shape: [1, 2, height, width] },
      });
    }),
    { numRuns: 20 },
  );
}

describe("to a size", () => {
  it.each(MODES)("resize_bilinear, %s", (sampling_mode) => {
    check((f, x, target_size_height, target_size_width) =>
      f.resize_bilinear({ x, target_size_height, target_size_width, sampling_mode }),
    );
  });

  it.each(MODES)("resize, %s, of both interpolations", (sampling_mode) => {
    for (const interpolation_mode of ["LINEAR", "NEAREST_NEIGHBOR"] as const) {
      check((f, x, height, width) =>
        f.resize({
          x,
          shape: [height, width],
          resized_dims: 2,
          sampling_mode,
          interpolation_mode,
        }),
      );
    }
  });

  it("resize of all dims, some kept", () => {
    checkGradients((f, { x }) => f.resize({ x, shape: [4, 0, 3], resized_dims: 3 }), {
      x: { shape: [2, 3, 2] },
    });
    checkGradients((f, { x }) => f.resize({ x, shape: [5], resized_dims: 1 }), {
      x: { shape: [3] },
    });
  });

  it("resize_nearest_neighbor", () => {
    check((f, x, target_size_height, target_size_width) =>
      f.resize_nearest_neighbor({ x, target_size_height, target_size_width }),
    );
  });
});

describe("by a scale", () => {
  it("upsample_nearest_neighbor", () => {
    for (const [height, width] of [
      [2, 3],
      [1.5, 1],
      [1, 2.5],
    ] as const) {
      checkGradients(
        (f, { x }) =>
          f.upsample_nearest_neighbor({
            x,
            scale_factor_height: height,
            scale_factor_width: width,
          }),
        { x: { shape: [2, 3, 4] } },
      );
    }
  });

  it.each([
    [true, undefined],
    [false, undefined],
    [false, true],
    [false, false],
    [true, false],
  ])("upsample_bilinear, align_corners %s, half_pixel_centers %s", (align, half) => {
    checkGradients(
      (f, { x }) =>
        f.upsample_bilinear({
          x,
          scale_factor_height: 2,
          scale_factor_width: 3,
          align_corners: align,
          half_pixel_centers: half,
        }),
      { x: { shape: [1, 2, 3, 2] } },
    );
  });
});
