import { describe, expect, it } from "vitest";
import { counting, expectClose, expectShapeError, given, runOne } from "./run-op.js";

const x = counting("fp32", [2, 1, 2, 3]);
const row = given("fp32", [1, 1, 1, 3], [1, 2, 3]);

describe("resample", () => {
  const read = (
    columns: readonly number[],
    options: {
      padding_mode: "constant" | "border" | "reflection" | "symmetric";
      sampling_mode?: "bilinear" | "nearest";
    },
  ) => {
    const pairs = columns.flatMap((column) => [column, 0]);
    const coordinates = given("fp32", [1, 1, columns.length, 2], pairs);
    return runOne({ row, coordinates }, (f, v) =>
      f.resample({
        x: v.row,
        coordinates: v.coordinates,
        sampling_mode: "bilinear",
        padding_value: 7,
        coordinates_mode: "unnormalized",
        align_corners: true,
        ...options,
      }),
    ).data;
  };
  const line = [-4, -3, -2, -1, 0, 1, 2, 3, 4];

  it.each([
    ["constant", [7, 7, 7, 7, 1, 2, 3, 7, 7]],
    ["border", [1, 1, 1, 1, 1, 2, 3, 3, 3]],
    ["reflection", [1, 2, 3, 2, 1, 2, 3, 2, 1]],
    ["symmetric", [3, 3, 2, 1, 1, 2, 3, 3, 2]],
  ] as const)("%s outside", (padding_mode, data) => {
    expect(read(line, { padding_mode })).toEqual(data);
  });

  it("between elements, linearly or the nearest", () => {
    expect(read([0.25, 2.5], { padding_mode: "constant" })).toEqual([1.25, 5]);
    expect(read([0.25, 1.75], { padding_mode: "border", sampling_mode: "nearest" })).toEqual([
      1, 3,
    ]);
  });

  it.each([
    ["normalized_zero_to_one", true, [0, 0.5, 1], [1, 2, 3]],
    ["normalized_zero_to_one", false, [1 / 6, 0.5], [1, 2]],
    ["normalized_minus_one_to_one", true, [-1, 0, 1], [1, 2, 3]],
    ["normalized_minus_one_to_one", false, [-2 / 3, 0], [1, 2]],
  ] as const)("%s, aligned %s", (coordinates_mode, align_corners, columns, data) => {
    const pairs = columns.flatMap((column) => [column, 0]);
    const coordinates = given("fp32", [1, 1, columns.length, 2], pairs);
    const result = runOne({ row, coordinates }, (f, v) =>
      f.resample({
        x: v.row,
        coordinates: v.coordinates,
        sampling_mode: "bilinear",
        padding_mode: "border",
        padding_value: 0,
        coordinates_mode,
        align_corners,
      }),
    );
    expectClose(result.data, data, 6);
  });
});

describe("affine", () => {
  const turned = (matrix: readonly number[], count = 1) => {
    const transform = given("fp32", [count, 6], matrix);
    return runOne({ x, transform }, (f, v) =>
      f.affine({
        x: v.x,
        transform_matrix: v.transform,
        output_height: 2,
        output_width: 3,
        sampling_mode: "bilinear",
        padding_mode: "constant",
        padding_value: 0,
        coordinates_mode: "normalized_minus_one_to_one",
        align_corners: true,
      }),
    ).data;
  };

  it("reads every image through one matrix, or each through its own", () => {
    expect(turned([1, 0, 0, 0, 1, 0])).toEqual(x.data);
    const mirrored = [2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9];
    expect(turned([-1, 0, 0, 0, 1, 0])).toEqual(mirrored);
    expect(turned([1, 0, 0, 0, 1, 0, -1, 0, 0, 0, 1, 0], 2)).toEqual([
      ...[0, 1, 2, 3, 4, 5],
      ...mirrored.slice(6),
    ]);
  });
});

describe("crop_resize", () => {
  const size = { target_height: 1, target_width: 2, sampling_mode: "ALIGN_CORNERS" } as const;

  it("before ios17 reads each box of every image, or of the one it names", () => {
    const boxes = given("fp32", [1, 1, 4, 1, 1], [1, 0, 1, 2]);
    const all = runOne(
      { x, boxes },
      (f, v) => f.crop_resize({ x: v.x, roi: v.boxes, ...size }),
      "ios16",
    );
    expect(all.shape).toEqual([1, 2, 1, 1, 2]);
    expect(all.data).toEqual([3, 5, 9, 11]);
    const named = given("fp32", [1, 1, 5, 1, 1], [1, 0, 0, 0, 1]);
    const one = runOne(
      { x, named },
      (f, v) => f.crop_resize({ x: v.x, roi: v.named, ...size }),
      "ios15",
    );
    expect(one.shape).toEqual([1, 1, 1, 1, 2]);
    expect(one.data).toEqual([6, 7]);
  });

  it("from ios17 on takes image indices apart", () => {
    const boxes = given("fp32", [2, 4], [0, 1, 2, 1, 0, 0, 4, 0]);
    const indices = given("int32", [2], [1, 0]);
    const result = runOne({ x, boxes, indices }, (f, v) =>
      f.crop_resize({
        x: v.x,
        boxes: v.boxes,
        box_indices: v.indices,
        box_coordinate_mode: "CORNERS_WIDTH_FIRST",
        pad_value: -1,
        ...size,
      }),
    );
    expect(result.shape).toEqual([2, 1, 1, 2]);
    expect(result.data).toEqual([9, 11, 0, -1]);
  });

  it("needs indices if there are more boxes than images", () => {
    const boxes = counting("fp32", [3, 4]);
    expectShapeError(
      { x, boxes },
      (f, v) => f.crop_resize({ x: v.x!, boxes: v.boxes!, ...size }),
      /"box_indices" must name an image per box/,
    );
  });
});
