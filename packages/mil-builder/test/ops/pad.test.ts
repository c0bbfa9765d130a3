import { describe, expect, it } from "vitest";
import { UNKNOWN_DIM } from "../../src/index.js";
import { counting, expectShapeError, given, runOne } from "./run-op.js";

const x = counting("fp32", [2, 3]);

describe("pad", () => {
  it.each([
    ["constant", [9, 0, 1, 2, 9, 9, 9, 3, 4, 5, 9, 9]],
    ["reflect", [1, 0, 1, 2, 1, 0, 4, 3, 4, 5, 4, 3]],
    ["replicate", [0, 0, 1, 2, 2, 2, 3, 3, 4, 5, 5, 5]],
  ] as const)("%s, last dim alone", (mode, data) => {
    const result = runOne({ x }, (f, v) => f.pad({ x: v.x, pad: [1, 2], mode, constant_val: 9 }));
    expect(result).toEqual({ dtype: "fp32", shape: [2, 6], data });
  });

  it("takes amounts for all dims, in the order of the dims", () => {
    const { shape, data } = runOne({ x }, (f, v) => f.pad({ x: v.x, pad: [1, 0, 0, 1] }));
    expect(shape).toEqual([3, 4]);
    expect(data).toEqual([0, 0, 0, 0, 0, 1, 2, 0, 3, 4, 5, 0]);
  });

  it("takes amounts that the program computes", () => {
    const amounts = given("int32", [4], [0, 1, 0, 0]);
    const { shape } = runOne({ x, amounts }, (f, v) => {
      const padded = f.pad({ x: v.x, pad: v.amounts });
      expect(padded.type.shape).toEqual([UNKNOWN_DIM, UNKNOWN_DIM]);
      return padded;
    });
    expect(shape).toEqual([3, 3]);
  });

  it("refuses more than there is to reflect, odd lists and negative amounts", () => {
    const pad = (amounts: number[], rule: RegExp) =>
      expectShapeError({ x }, (f, v) => f.pad({ x: v.x!, pad: amounts, mode: "reflect" }), rule);
    pad([3, 0], /"reflect" padding of dim 1, got \[3, 0\]. Expected 0..2/);
    pad([1], /two numbers/);
    pad([0, -1], /padding of dim 1/);
  });
});

describe("tile", () => {
  it("repeats each dim", () => {
    const result = runOne({ x }, (f, v) => f.tile({ x: v.x, reps: [2, 2] }));
    expect(result.shape).toEqual([4, 6]);
    expect(result.data.slice(0, 12)).toEqual([0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5]);
    expect(result.data.slice(12)).toEqual(result.data.slice(0, 12));
  });

  it("refuses other numbers of counts, and 0", () => {
    expectShapeError({ x }, (f, v) => f.tile({ x: v.x!, reps: [2] }), /per dimension/);
    expectShapeError({ x }, (f, v) => f.tile({ x: v.x!, reps: [0, 1] }), /positive/);
  });
});

describe("reverse and reverse_sequence", () => {
  it("turn axes around", () => {
    expect(runOne({ x }, (f, v) => f.reverse({ x: v.x })).data).toEqual([5, 4, 3, 2, 1, 0]);
    const rows = runOne({ x }, (f, v) => f.reverse({ x: v.x, axes: [-2] }));
    expect(rows.data).toEqual([3, 4, 5, 0, 1, 2]);
  });

  it("turn the beginning of each sequence around", () => {
    const lengths = given("int32", [2], [2, 3]);
    const { data } = runOne({ x, lengths }, (f, v) =>
      f.reverse_sequence({ x: v.x, lengths: v.lengths, seq_axis: 1, batch_axis: 0 }),
    );
    expect(data).toEqual([1, 0, 2, 5, 4, 3]);
    const columns = given("int32", [3], [1, 2, 0]);
    const down = runOne({ x, columns }, (f, v) =>
      f.reverse_sequence({ x: v.x, lengths: v.columns, seq_axis: 0, batch_axis: 1 }),
    );
    expect(down.data).toEqual([0, 4, 2, 3, 1, 5]);
  });

  it("refuse other numbers of lengths", () => {
    const lengths = given("int32", [3], [1, 1, 1]);
    expectShapeError(
      { x, lengths },
      (f, v) => f.reverse_sequence({ x: v.x!, lengths: v.lengths!, seq_axis: 1 }),
      /one length per sequence/,
    );
  });
});

describe("sliding_windows", () => {
  it("puts windows in a new dim", () => {
    const result = runOne({ x: counting("fp32", [5, 2]) }, (f, v) =>
      f.sliding_windows({ x: v.x, axis: -2, size: 3, stride: 2 }),
    );
    expect(result.shape).toEqual([2, 3, 2]);
    expect(result.data).toEqual([0, 1, 2, 3, 4, 5, 4, 5, 6, 7, 8, 9]);
  });

  it("refuses windows that do not fit, and bytes before ios17", () => {
    expectShapeError({ x }, (f, v) => f.sliding_windows({ x: v.x!, axis: 0, size: 3 }), /fit/);
    const bytes = counting("int8", [4]);
    const windows = (opset: "ios16" | "ios17") =>
      runOne({ bytes }, (f, v) => f.sliding_windows({ x: v.bytes, axis: 0, size: 2 }), opset);
    expect(windows("ios17").data).toEqual([0, 1, 1, 2, 2, 3]);
    expect(() => windows("ios16")).toThrow(/dtype of its domain in ios16/);
  });
});

describe("crop", () => {
  it("drops elements at the ends of the last two dims", () => {
    const image = counting("fp32", [1, 3, 4]);
    const result = runOne({ image }, (f, v) =>
      f.crop({ x: v.image, crop_height: [1, 0], crop_width: [1, 2] }),
    );
    expect(result).toEqual({ dtype: "fp32", shape: [1, 2, 1], data: [5, 9] });
    expectShapeError(
      { image },
      (f, v) => f.crop({ x: v.image!, crop_height: [1, 2], crop_width: [0, 0] }),
      /something must be left/,
    );
  });
});
