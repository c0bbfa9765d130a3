import { describe, expect, it } from "vitest";
import { gridPoints } from "../../src/evaluate/resample-axis.js";
import { expectClose, expectShapeError, given, runOne } from "./run-op.js";

describe("grid points of two elements", () => {
  // The examples of coremltools' documentation of resize_bilinear.
  it.each([
    ["UNALIGN_CORNERS", 5, [0, 0.1, 0.5, 0.9, 1]],
    ["STRICT_ALIGN_CORNERS", 5, [0, 0.25, 0.5, 0.75, 1]],
    ["ALIGN_CORNERS", 6, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    ["DEFAULT", 5, [0, 0.4, 0.8, 1, 1]],
    ["OFFSET_CORNERS", 5, [0.1, 0.3, 0.5, 0.7, 0.9]],
    ["UNALIGN_CORNERS", 6, [0, 0, 1 / 3, 2 / 3, 1, 1]],
    ["ALIGN_CORNERS", 1, [0.5]],
    ["STRICT_ALIGN_CORNERS", 1, [0]],
    ["DEFAULT", 1, [0]],
  ] as const)("%s, %i points", (mode, target, points) => {
    expectClose(gridPoints(mode, 2, target), points, 12);
  });
});

const x = given("fp32", [1, 2, 2], [0, 1, 10, 11]);

describe("resizing", () => {
  it("upsamples by repeating elements", () => {
    const result = runOne({ x }, (f, v) =>
      f.upsample_nearest_neighbor({ x: v.x, scale_factor_height: 1, scale_factor_width: 2.5 }),
    );
    expect(result.shape).toEqual([1, 2, 5]);
    expect(result.data).toEqual([0, 0, 0, 1, 1, 10, 10, 10, 11, 11]);
    const sized = runOne({ x }, (f, v) =>
      f.resize_nearest_neighbor({ x: v.x, target_size_height: 1, target_size_width: 4 }),
    );
    expect(sized.data).toEqual([0, 0, 1, 1]);
  });

  it("interpolates along both axes", () => {
    const result = runOne({ x }, (f, v) =>
      f.upsample_bilinear({ x: v.x, scale_factor_height: 2, scale_factor_width: 1.5 }),
    );
    expect(result.shape).toEqual([1, 4, 3]);
    const [third, twoThirds] = [10 / 3, 20 / 3];
    const rows = [0, third, twoThirds, 10].flatMap((row) => [row, row + 0.5, row + 1]);
    expectClose(result.data, rows, 12);
    const sized = runOne({ x }, (f, v) =>
      f.resize_bilinear({
        x: v.x,
        target_size_height: 1,
        target_size_width: 1,
        sampling_mode: "ALIGN_CORNERS",
      }),
    );
    expect(sized.data).toEqual([5.5]);
  });

  it("half_pixel_centers is the opposite of align_corners unless given", () => {
    const wide = (half?: boolean) =>
      runOne({ x }, (f, v) =>
        f.upsample_bilinear({
          x: v.x,
          scale_factor_width: 2,
          align_corners: false,
          half_pixel_centers: half,
        }),
      ).data.slice(0, 4);
    expect(wide()).toEqual([0, 0.25, 0.75, 1]);
    expect(wide(true)).toEqual(wide());
    expect(wide(false)).toEqual([0, 0.5, 1, 1]);
    expectShapeError(
      { x },
      (f, v) => f.upsample_bilinear({ x: v.x!, align_corners: true, half_pixel_centers: true }),
      /does not go with/,
    );
  });

  it("resize takes the last extents of a shape, which may be computed", () => {
    const shape = given("int32", [3], [7, 0, 4]);
    const result = runOne({ x, shape }, (f, v) =>
      f.resize({ x: v.x, shape: v.shape, resized_dims: 2, interpolation_mode: "NEAREST_NEIGHBOR" }),
    );
    expect(result.shape).toEqual([1, 2, 4]);
    expect(result.data).toEqual([0, 1, 1, 1, 10, 11, 11, 11]);
    expectShapeError({ x }, (f, v) => f.resize({ x: v.x!, shape: [2], resized_dims: 2 }), /shape/);
  });

  it("refuses sizes of nothing", () => {
    expectShapeError(
      { x },
      (f, v) => f.upsample_bilinear({ x: v.x!, scale_factor_height: 0.25 }),
      /must be positive/,
    );
  });
});
