import { describe, expect, it } from "vitest";
import { counting, expectShapeError, given, runOne } from "./run-op.js";

describe("pooling", () => {
  const x = given("fp32", [1, 1, 2, 3], [1, 2, 3, 4, 5, 6]);

  it("max_pool takes the largest element of each window", () => {
    const result = runOne({ x }, (f, v) =>
      f.max_pool({ x: v.x, kernel_sizes: [2, 2], pad_type: "valid" }),
    );
    expect(result).toEqual({ dtype: "fp32", shape: [1, 1, 1, 2], data: [5, 6] });
  });

  it("max_pool never takes the padding", () => {
    const negative = given("fp32", [1, 1, 2], [-3, -4]);
    const result = runOne({ negative }, (f, v) =>
      f.max_pool({ x: v.negative, kernel_sizes: [2], pad_type: "custom", pad: [1, 1] }),
    );
    expect(result.data).toEqual([-3, -3, -4]);
  });

  it("avg_pool counts the padding as zeros, or leaves it out", () => {
    const line = given("fp32", [1, 1, 3], [2, 4, 6]);
    const call = (exclude: boolean) =>
      runOne({ line }, (f, v) =>
        f.avg_pool({
          x: v.line,
          kernel_sizes: [2],
          strides: [2],
          pad_type: "custom",
          pad: [1, 0],
          exclude_padding_from_average: exclude,
        }),
      ).data;
    expect(call(false)).toEqual([1, 5]);
    expect(call(true)).toEqual([2, 5]);
  });

  it("l2_pool is the root of the sum of squares", () => {
    const line = given("fp32", [1, 1, 3], [3, 4, 0]);
    const result = runOne({ line }, (f, v) =>
      f.l2_pool({ x: v.line, kernel_sizes: [2], pad_type: "valid" }),
    );
    expect(result.data).toEqual([5, 4]);
  });

  it("same pads after, same_lower before", () => {
    const line = given("fp32", [1, 1, 3], [1, 2, 3]);
    const call = (pad_type: "same" | "same_lower") =>
      runOne({ line }, (f, v) => f.max_pool({ x: v.line, kernel_sizes: [2], pad_type })).data;
    expect(call("same")).toEqual([2, 3, 3]);
    expect(call("same_lower")).toEqual([1, 2, 3]);
  });

  it("ceil_mode adds a window that begins inside, whose average counts what is there", () => {
    const line = given("fp32", [1, 1, 4], [1, 2, 3, 4]);
    const call = (ceil_mode: boolean) =>
      runOne({ line }, (f, v) =>
        f.avg_pool({
          x: v.line,
          kernel_sizes: [3],
          strides: [2],
          pad_type: "valid",
          ceil_mode,
        }),
      ).data;
    expect(call(false)).toEqual([2]);
    expect(call(true)).toEqual([2, 3.5]);
  });

  it("works in three dimensions", () => {
    const cube = counting("fp32", [1, 1, 2, 2, 2]);
    const result = runOne({ cube }, (f, v) =>
      f.avg_pool({ x: v.cube, kernel_sizes: [2, 2, 2], pad_type: "valid" }),
    );
    expect(result).toEqual({ dtype: "fp32", shape: [1, 1, 1, 1, 1], data: [3.5] });
  });

  describe("refuses", () => {
    const cube = counting("fp32", [1, 1, 2, 2, 2]);

    it("ranks that the op does not know", () => {
      expectShapeError(
        { cube },
        (f, v) => f.l2_pool({ x: v.cube!, kernel_sizes: [1, 1, 1], pad_type: "valid" }),
        /1 to 2 dims/,
      );
    });

    it("ceil_mode with same, in three dims, or with uneven padding", () => {
      const line = counting("fp32", [1, 1, 4]);
      const pooled = { kernel_sizes: [2], ceil_mode: true } as const;
      expectShapeError(
        { line },
        (f, v) => f.max_pool({ x: v.line!, pad_type: "same", ...pooled }),
        /"ceil_mode".*"same"/,
      );
      expectShapeError(
        { line },
        (f, v) => f.max_pool({ x: v.line!, pad_type: "custom", pad: [0, 1], ...pooled }),
        /symmetric/,
      );
      expectShapeError(
        { cube },
        (f, v) =>
          f.max_pool({
            x: v.cube!,
            pad_type: "valid",
            kernel_sizes: [1, 1, 1],
            ceil_mode: true,
          }),
        /1 or 2 dims/,
      );
    });

    it("kernels of the wrong rank, and same_lower before ios16", () => {
      const line = counting("fp32", [1, 1, 4]);
      expectShapeError(
        { line },
        (f, v) => f.max_pool({ x: v.line!, kernel_sizes: [1, 1], pad_type: "valid" }),
        /"kernel_sizes"/,
      );
      expectShapeError(
        { line },
        (f, v) => f.max_pool({ x: v.line!, kernel_sizes: [1], pad_type: "same_lower" }),
        /ios16/,
        "ios15",
      );
    });
  });
});
