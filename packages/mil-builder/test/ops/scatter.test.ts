import { describe, expect, it } from "vitest";
import { expectShapeError, given, runOne } from "./run-op.js";

const data = given("fp32", [3], [8, 4, 2]);

describe("scatter", () => {
  it.each([
    ["add", [8, 9, 5]],
    ["sub", [8, -1, -1]],
    ["mul", [8, 24, 6]],
    ["div", [8, 2 / 3, 2 / 3]],
    ["max", [8, 4, 3]],
    ["min", [8, 2, 2]],
    ["update", [8, 3, 3]],
  ] as const)("%s, again for an index that repeats", (mode, expected) => {
    const indices = given("int32", [3], [1, 1, 2]);
    const updates = given("fp32", [3], [2, 3, 3]);
    const result = runOne({ data, indices, updates }, (f, v) =>
      f.scatter({ data: v.data, indices: v.indices, updates: v.updates, mode }),
    );
    expect(result).toEqual({ dtype: "fp32", shape: [3], data: expected });
  });

  it("adds unless told otherwise, along any axis", () => {
    const table = given("fp32", [2, 2], [1, 2, 3, 4]);
    const indices = given("int32", [1], [1]);
    const updates = given("fp32", [2, 1], [10, 20]);
    const result = runOne({ table, indices, updates }, (f, v) =>
      f.scatter({ data: v.table, indices: v.indices, updates: v.updates, axis: -1 }),
    );
    expect(result.data).toEqual([1, 12, 3, 24]);
  });

  it("refuses updates of another shape", () => {
    const indices = given("int32", [1], [1]);
    const updates = given("fp32", [2], [1, 2]);
    expectShapeError(
      { data, indices, updates },
      (f, v) => f.scatter({ data: v.data!, indices: v.indices!, updates: v.updates! }),
      /shape of what indices name/,
    );
  });
});

describe("scatter_along_axis", () => {
  it("combines every update into its own line", () => {
    const table = given("fp32", [2, 3], [1, 2, 3, 4, 5, 6]);
    const indices = given("int32", [2, 2], [2, 0, 1, 1]);
    const updates = given("fp32", [2, 2], [10, 20, 30, 40]);
    const result = runOne({ table, indices, updates }, (f, v) =>
      f.scatter_along_axis({
        data: v.table,
        indices: v.indices,
        updates: v.updates,
        axis: 1,
        mode: "add",
      }),
    );
    expect(result.data).toEqual([21, 2, 13, 4, 75, 6]);
  });
});

describe("scatter_nd", () => {
  const table = given("fp32", [2, 2], [1, 2, 3, 4]);

  it("combines slices in at positions", () => {
    const indices = given("int32", [1, 1], [1]);
    const updates = given("fp32", [1, 2], [10, 20]);
    const result = runOne({ table, indices, updates }, (f, v) =>
      f.scatter_nd({ data: v.table, indices: v.indices, updates: v.updates, mode: "update" }),
    );
    expect(result.data).toEqual([1, 2, 10, 20]);
  });

  it("refuses constant positions outside if asked to", () => {
    const updates = given("fp32", [], [1]);
    expectShapeError(
      { table, updates },
      (f, v) =>
        f.scatter_nd({
          data: v.table!,
          indices: f.constant("at", { kind: "tensor", dtype: "int32", shape: [2] }, [1, 2]),
          updates: v.updates!,
          validate_indices: true,
        }),
      /must lie inside/,
    );
  });
});
