import { describe, expect, it } from "vitest";
import { counting, expectShapeError, given, run, runOne } from "./run-op.js";

describe("concat", () => {
  const a = given("fp32", [1, 2, 2], [0, 1, 2, 3]);
  const b = given("fp32", [1, 1, 2], [10, 11]);

  it("joins along an axis", () => {
    const result = runOne({ a, b }, (f, v) => f.concat({ values: [v.a, v.b, v.a], axis: 1 }));
    expect(result).toEqual({
      dtype: "fp32",
      shape: [1, 5, 2],
      data: [0, 1, 2, 3, 10, 11, 0, 1, 2, 3],
    });
  });

  it("joins along the last axis, counted from the end", () => {
    const result = runOne({ a }, (f, v) => f.concat({ values: [v.a, v.a], axis: -1 }));
    expect(result).toEqual({ dtype: "fp32", shape: [1, 2, 4], data: [0, 1, 0, 1, 2, 3, 2, 3] });
  });

  it("interleaves", () => {
    const c = given("fp32", [1, 2, 2], [10, 11, 12, 13]);
    const result = runOne({ a, c }, (f, v) =>
      f.concat({ values: [v.a, v.c], axis: 1, interleave: true }),
    );
    expect(result).toEqual({ dtype: "fp32", shape: [1, 4, 2], data: [0, 1, 10, 11, 2, 3, 12, 13] });
  });

  it("takes a single tensor, and joins scalars to a vector", () => {
    expect(runOne({ a }, (f, v) => f.concat({ values: [v.a], axis: 0 })).data).toEqual([
      0, 1, 2, 3,
    ]);
    const s = given("fp32", [], [7]);
    const result = runOne({ s }, (f, v) => f.concat({ values: [v.s, v.s], axis: 0 }));
    expect(result).toEqual({ dtype: "fp32", shape: [2], data: [7, 7] });
  });

  it("refuses shapes and dtypes that differ, and nothing at all", () => {
    const wide = counting("fp32", [1, 2, 3]);
    const half = counting("fp16", [1, 2, 2]);
    expectShapeError(
      { a, wide },
      (f, v) => f.concat({ values: [v.a!, v.wide!], axis: 1 }),
      /dim 1/,
    );
    expectShapeError(
      { a, half },
      (f, v) => f.concat({ values: [v.a!, v.half!], axis: 1 }),
      /one dtype/,
    );
    expectShapeError(
      { a, b },
      (f, v) => f.concat({ values: [v.a!, v.b!], axis: 1, interleave: true }),
      /equal shapes/,
    );
    expectShapeError({ a }, (f) => f.concat({ values: [], axis: 1 }), /at least one/);
  });
});

describe("split", () => {
  const x = counting("int32", [2, 4]);

  it("into equal pieces", () => {
    expect(run({ x }, (f, v) => f.split({ x: v.x, num_splits: 2, axis: -1 }))).toEqual([
      { dtype: "int32", shape: [2, 2], data: [0, 1, 4, 5] },
      { dtype: "int32", shape: [2, 2], data: [2, 3, 6, 7] },
    ]);
  });

  it("into pieces of given sizes", () => {
    const pieces = run({ x }, (f, v) => f.split({ x: v.x, split_sizes: [1, 3], axis: 1 }));
    expect(pieces.map((piece) => piece.data)).toEqual([
      [0, 4],
      [1, 2, 3, 5, 6, 7],
    ]);
  });

  it("refuses what does not add up", () => {
    expectShapeError({ x }, (f, v) => f.split({ x: v.x!, num_splits: 3, axis: 1 }), /divide/);
    expectShapeError({ x }, (f, v) => f.split({ x: v.x!, split_sizes: [1, 2], axis: 1 }), /add up/);
    expectShapeError(
      { x },
      (f, v) => f.split({ x: v.x!, split_sizes: [1, 3], num_splits: 3, axis: 1 }),
      /one per split/,
    );
    expectShapeError({ x }, (f, v) => f.split({ x: v.x!, axis: 1 }), /required/);
  });
});

describe("stack", () => {
  const a = given("fp32", [2], [1, 2]);
  const b = given("fp32", [2], [7, 8]);

  it("joins along a new dim", () => {
    const rows = runOne({ a, b }, (f, v) => f.stack({ values: [v.a, v.b], axis: 0 }));
    expect(rows).toEqual({ dtype: "fp32", shape: [2, 2], data: [1, 2, 7, 8] });
    const columns = runOne({ a, b }, (f, v) => f.stack({ values: [v.a, v.b, v.a], axis: -1 }));
    expect(columns).toEqual({ dtype: "fp32", shape: [2, 3], data: [1, 7, 1, 2, 8, 2] });
  });

  it("refuses shapes that differ, and axes outside", () => {
    const c = counting("fp32", [3]);
    expectShapeError(
      { a, c },
      (f, v) => f.stack({ values: [v.a!, v.c!], axis: 0 }),
      /equal shapes/,
    );
    expectShapeError({ a, b }, (f, v) => f.stack({ values: [v.a!, v.b!], axis: 2 }), /"axis"/);
  });
});
