import { describe, expect, it } from "vitest";
import { UNKNOWN_DIM } from "../../src/index.js";
import { counting, expectShapeError, given, runOne } from "./run-op.js";

const x = counting("fp32", [3, 4]);

describe("slice_by_size", () => {
  it("takes a box", () => {
    expect(
      runOne({ x }, (f, v) => f.slice_by_size({ x: v.x, begin: [1, 1], size: [2, 2] })),
    ).toEqual({
      dtype: "fp32",
      shape: [2, 2],
      data: [5, 6, 9, 10],
    });
  });

  it("counts a negative begin from the end, and runs to the end for -1", () => {
    const result = runOne({ x }, (f, v) =>
      f.slice_by_size({ x: v.x, begin: [-2, 2], size: [-1, -1] }),
    );
    expect(result).toEqual({ dtype: "fp32", shape: [2, 2], data: [6, 7, 10, 11] });
  });

  it("takes a begin that the program computes", () => {
    const begin = given("int32", [2], [1, 3]);
    const { data } = runOne({ x, begin }, (f, v) =>
      f.slice_by_size({ x: v.x, begin: v.begin, size: [1, 1] }),
    );
    expect(data).toEqual([7]);
  });

  it("leaves dims open whose begin or size the program computes", () => {
    const begin = given("int32", [2], [1, 3]);
    const size = given("int32", [2], [2, 1]);
    const { shape, data } = runOne({ x, begin, size }, (f, v) => {
      const open = f.slice_by_size({ x: v.x, begin: v.begin, size: [-1, 1] });
      expect(open.type.shape).toEqual([UNKNOWN_DIM, 1]);
      const box = f.slice_by_size({ x: v.x, begin: v.begin, size: v.size });
      expect(box.type.shape).toEqual([UNKNOWN_DIM, UNKNOWN_DIM]);
      return box;
    });
    expect([shape, data]).toEqual([
      [2, 1],
      [7, 11],
    ]);
  });

  it("refuses boxes that reach outside or are empty", () => {
    for (const [begin, size] of [
      [
        [2, 0],
        [2, 1],
      ],
      [
        [0, 0],
        [1, 0],
      ],
      [
        [-4, 0],
        [1, 1],
      ],
    ] as const) {
      expectShapeError({ x }, (f, v) => f.slice_by_size({ x: v.x!, begin, size }), /inside dim/);
    }
    expectShapeError(
      { x },
      (f, v) => f.slice_by_size({ x: v.x!, begin: [0], size: [1, 1] }),
      /"begin".*per dimension/,
    );
  });
});

describe("slice_update", () => {
  const update = given("fp32", [2, 2], [-1, -2, -3, -4]);

  it("replaces the slice", () => {
    const { data } = runOne({ x, update }, (f, v) =>
      f.slice_update({ x: v.x, update: v.update, begin: [0, 1], end: [3, 4], stride: [2, 2] }),
    );
    expect(data).toEqual([0, -1, 2, -2, 4, 5, 6, 7, 8, -3, 10, -4]);
  });

  it("refuses an update of another shape, and opsets before ios18", () => {
    const replace = (end: number[], rule: RegExp, opset?: "ios17") =>
      expectShapeError(
        { x, update },
        (f, v) => f.slice_update({ x: v.x!, update: v.update!, begin: [0, 0], end }),
        rule,
        opset,
      );
    replace([3, 2], /shape of the slice/);
    replace([2, 2], /opset/, "ios17");
  });
});

describe("slice_by_index", () => {
  it("takes bounds that the program computes", () => {
    const begin = given("int32", [2], [1, -2]);
    const end = given("int32", [2], [3, 4]);
    const { shape, data } = runOne({ x, begin, end }, (f, v) =>
      f.slice_by_index({ x: v.x, begin: v.begin, end: v.end }),
    );
    expect(shape).toEqual([2, 2]);
    expect(data).toEqual([6, 7, 10, 11]);
  });

  it.each<[string, object, readonly number[], readonly number[]]>([
    ["begin to end", { begin: [1, 1], end: [3, 3] }, [2, 2], [5, 6, 9, 10]],
    ["negative bounds", { begin: [-2, -3], end: [-1, -1] }, [1, 2], [5, 6]],
    ["bounds beyond the dim", { begin: [0, 2], end: [99, 99] }, [3, 2], [2, 3, 6, 7, 10, 11]],
    ["strides", { begin: [0, 0], end: [3, 4], stride: [2, 3] }, [2, 2], [0, 3, 8, 11]],
    ["backwards", { begin: [2, 3], end: [0, 0], stride: [-1, -2] }, [2, 2], [11, 9, 7, 5]],
    [
      "masked bounds",
      { begin: [9, 9], end: [0, 0], begin_mask: [true, true], end_mask: [true, true] },
      [3, 4],
      [...Array(12).keys()],
    ],
    [
      "backwards to the very beginning",
      {
        begin: [0, 0],
        end: [1, 0],
        stride: [1, -1],
        begin_mask: [false, true],
        end_mask: [false, true],
      },
      [1, 4],
      [3, 2, 1, 0],
    ],
    ["squeezed dims", { begin: [-1, 1], end: [0, 3], squeeze_mask: [true, false] }, [2], [9, 10]],
    ["squeezed to a scalar", { begin: [1, 2], end: [0, 0], squeeze_mask: [true, true] }, [], [6]],
  ])("%s", (_, inputs, shape, data) => {
    const typed = inputs as { begin: readonly number[]; end: readonly number[] };
    const result = runOne({ x }, (f, v) => f.slice_by_index({ x: v.x, ...typed }));
    expect(result).toEqual({ dtype: "fp32", shape, data });
  });

  it("refuses empty slices, stride 0 and wrong lengths", () => {
    const slice = (inputs: { begin: number[]; end: number[]; stride?: number[] }, rule: RegExp) =>
      expectShapeError({ x }, (f, v) => f.slice_by_index({ x: v.x!, ...inputs }), rule);
    slice({ begin: [2, 0], end: [1, 4] }, /must not be empty/);
    slice({ begin: [0, 0], end: [1, 1], stride: [0, 1] }, /"stride" must not be 0/);
    slice({ begin: [0], end: [1] }, /per dimension/);
  });
});
