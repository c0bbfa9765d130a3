import { describe, expect, it } from "vitest";
import { type FunctionBuilder, scalar } from "../../src/index.js";
import { counting, expectShapeError, given, runOne } from "./run-op.js";

const x = counting("fp32", [2, 3, 2]);

function index(f: FunctionBuilder, value: number) {
  return f.constant("index", scalar("int32"), value);
}

describe("gather", () => {
  it("replaces the axis by the dims of indices", () => {
    const indices = given("int32", [2, 2], [2, 0, -1, 1]);
    const result = runOne({ x, indices }, (f, v) =>
      f.gather({ x: v.x, indices: v.indices, axis: 1 }),
    );
    expect(result.shape).toEqual([2, 2, 2, 2]);
    expect(result.data.slice(0, 8)).toEqual([4, 5, 0, 1, 4, 5, 2, 3]);
    expect(result.data.slice(8, 12)).toEqual([10, 11, 6, 7]);
  });

  it("drops the axis for a scalar index", () => {
    const { shape, data } = runOne({ x }, (f, v) =>
      f.gather({ x: v.x, indices: index(f, 1), axis: -1 }),
    );
    expect([shape, data]).toEqual([
      [2, 3],
      [1, 3, 5, 7, 9, 11],
    ]);
  });

  it("gathers in each batch for itself", () => {
    const indices = given("int32", [2, 1], [2, 0]);
    const { shape, data } = runOne({ x, indices }, (f, v) =>
      f.gather({ x: v.x, indices: v.indices, axis: 1, batch_dims: 1 }),
    );
    expect([shape, data]).toEqual([
      [2, 1, 2],
      [4, 5, 6, 7],
    ]);
  });

  it("refuses constant indices outside if asked to, others when they are used", () => {
    const validated = (value: number) =>
      expectShapeError(
        { x },
        (f, v) => f.gather({ x: v.x!, indices: index(f, value), axis: 1, validate_indices: true }),
        /must lie inside/,
      );
    validated(3);
    validated(-1);
    const indices = given("int32", [1], [3]);
    const late = () =>
      runOne({ x, indices }, (f, v) => f.gather({ x: v.x, indices: v.indices, axis: 1 }));
    expect(late).toThrow(/indices lie in -3..2, got 3/);
  });

  it("has batch_dims from ios16 on, and short indices too", () => {
    const indices = given("int16", [1], [1]);
    const pick = (opset: "ios15" | "ios16") =>
      runOne({ x, indices }, (f, v) => f.gather({ x: v.x, indices: v.indices }), opset);
    expect(pick("ios16").data).toEqual([6, 7, 8, 9, 10, 11]);
    expect(() => pick("ios15")).toThrow(/domain in ios15/);
    expectShapeError(
      { x },
      (f, v) => f.gather({ x: v.x!, indices: index(f, 0), batch_dims: 0 }),
      /must exist in ios15/,
      "ios15",
    );
  });
});

describe("gather_along_axis", () => {
  it("takes every element from its own line", () => {
    const indices = given("int32", [2, 1, 2], [2, 0, 1, -1]);
    const result = runOne({ x, indices }, (f, v) =>
      f.gather_along_axis({ x: v.x, indices: v.indices, axis: 1 }),
    );
    expect(result).toEqual({ dtype: "fp32", shape: [2, 1, 2], data: [4, 1, 8, 11] });
  });

  it("refuses other dims", () => {
    const indices = given("int32", [1, 1, 2], [0, 0]);
    expectShapeError(
      { x, indices },
      (f, v) => f.gather_along_axis({ x: v.x!, indices: v.indices!, axis: 1 }),
      /dims of x, except dim 1/,
    );
  });
});

describe("gather_nd", () => {
  it("takes slices at positions", () => {
    const indices = given("int32", [2, 2], [1, 2, 0, 1]);
    const { shape, data } = runOne({ x, indices }, (f, v) =>
      f.gather_nd({ x: v.x, indices: v.indices }),
    );
    expect([shape, data]).toEqual([
      [2, 2],
      [10, 11, 2, 3],
    ]);
  });

  it("takes positions in each batch", () => {
    const indices = given("int32", [2, 1], [2, 1]);
    const { shape, data } = runOne({ x, indices }, (f, v) =>
      f.gather_nd({ x: v.x, indices: v.indices, batch_dims: 1 }),
    );
    expect([shape, data]).toEqual([
      [2, 2],
      [4, 5, 8, 9],
    ]);
  });

  it("refuses positions that are too long", () => {
    const indices = given("int32", [1, 4], [0, 0, 0, 0]);
    expectShapeError(
      { x, indices },
      (f, v) => f.gather_nd({ x: v.x!, indices: v.indices! }),
      /position in x/,
    );
  });
});
