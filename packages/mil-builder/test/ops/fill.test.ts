import { describe, expect, it } from "vitest";
import { type FunctionBuilder, scalar, UNKNOWN_DIM } from "../../src/index.js";
import { counting, expectShapeError, given, runOne } from "./run-op.js";

const x = counting("fp32", [2, 3]);

describe("fill and fill_like", () => {
  it("fill a shape, with fp32 zeros unless told otherwise", () => {
    const zeros = runOne({}, (f) => f.fill({ shape: [1, 2] }));
    expect(zeros).toEqual({ dtype: "fp32", shape: [1, 2], data: [0, 0] });
    const value = (f: FunctionBuilder) => f.constant("value", scalar("int32"), 7);
    const sevens = runOne({ x }, (f, v) => f.fill_like({ ref_tensor: v.x, value: value(f) }));
    expect(sevens).toEqual({ dtype: "int32", shape: [2, 3], data: [7, 7, 7, 7, 7, 7] });
    expect(runOne({}, (f) => f.fill({ shape: [2], value: true })).dtype).toBe("bool");
  });

  it("fill a shape that the program computes", () => {
    const { shape } = runOne({ x }, (f, v) => {
      const filled = f.fill({ shape: f.shape({ x: v.x }), value: 1 });
      expect(filled.type.shape).toEqual([UNKNOWN_DIM, UNKNOWN_DIM]);
      return filled;
    });
    expect(shape).toEqual([2, 3]);
  });

  it("refuse dims of 0", () => {
    expectShapeError({}, (f) => f.fill({ shape: [2, 0] }), /positive/);
  });
});

describe("range_1d", () => {
  const numbers = (end: number, start: number, step: number) => ({
    end: given("int32", [], [end]),
    start: given("int32", [], [start]),
    step: given("int32", [], [step]),
  });

  it.each([
    [7, 1, 2, [1, 3, 5]],
    [8, 1, 2, [1, 3, 5, 7]],
    [0, 4, -2, [4, 2]],
  ])("to %i from %i by %i", (end, start, step, data) => {
    const result = runOne(numbers(end, start, step), (f, v) => {
      const range = f.range_1d(v);
      expect(range.type.shape).toEqual([UNKNOWN_DIM]);
      return range;
    });
    expect(result).toEqual({ dtype: "int32", shape: [data.length], data });
  });

  function constantRange(f: FunctionBuilder, end: number, start: number, step: number) {
    const number = (name: string, value: number) => f.constant(name, scalar("fp16"), value);
    const numbers = { end: number("end", end), start: number("start", start) };
    return f.range_1d({ ...numbers, step: number("step", step) });
  }

  it("has a known length if all numbers are, which must not be 0", () => {
    const range = runOne({}, (f) => {
      const known = constantRange(f, 1, 0, 0.25);
      expect(known.type.shape).toEqual([4]);
      return known;
    });
    expect(range).toEqual({ dtype: "fp16", shape: [4], data: [0, 0.25, 0.5, 0.75] });
    expectShapeError({}, (f) => constantRange(f, 0, 5, 1), /must not be empty/);
    expectShapeError({}, (f) => constantRange(f, 5, 0, 0), /"step" must not be 0/);
  });
});

describe("one_hot", () => {
  const indices = given("int32", [2], [2, 5]);

  it("puts a vector at an axis; an index outside has no place in it", () => {
    const last = runOne({ indices }, (f, v) =>
      f.one_hot({ indices: v.indices, one_hot_vector_size: 3 }),
    );
    expect(last).toEqual({ dtype: "int32", shape: [2, 3], data: [0, 0, 1, 0, 0, 0] });
    const first = runOne({ indices }, (f, v) =>
      f.one_hot({ indices: v.indices, one_hot_vector_size: 3, axis: 0, on_value: 4, off_value: 9 }),
    );
    expect([first.shape, first.data]).toEqual([
      [3, 2],
      [9, 9, 9, 9, 4, 9],
    ]);
  });

  it("takes a size that the program computes", () => {
    const size = given("int32", [], [3]);
    const { shape } = runOne({ indices, size }, (f, v) =>
      f.one_hot({ indices: v.indices, one_hot_vector_size: v.size }),
    );
    expect(shape).toEqual([2, 3]);
  });
});

describe("band_part", () => {
  it.each([
    [-1, 0, [1, 0, 0, 4, 5, 0]],
    [0, -1, [1, 2, 3, 0, 5, 6]],
    [0, 1, [1, 2, 0, 0, 5, 6]],
  ])("lower %i, upper %i", (lower, upper, data) => {
    const matrix = given("fp32", [2, 3], [1, 2, 3, 4, 5, 6]);
    expect(runOne({ matrix }, (f, v) => f.band_part({ x: v.matrix, lower, upper })).data).toEqual(
      data,
    );
  });
});

describe("non_zero", () => {
  it("lists positions, of which there may be none", () => {
    const matrix = given("fp32", [2, 3], [0, 2, 0, 0, 5, 6]);
    const result = runOne({ matrix }, (f, v) => {
      const positions = f.non_zero({ x: v.matrix });
      expect(positions.type.shape).toEqual([UNKNOWN_DIM, 2]);
      return positions;
    });
    expect(result).toEqual({ dtype: "int32", shape: [3, 2], data: [0, 1, 1, 1, 1, 2] });
    const nothing = given("fp32", [2], [0, 0]);
    expect(runOne({ nothing }, (f, v) => f.non_zero({ x: v.nothing }))).toEqual({
      dtype: "int32",
      shape: [0, 1],
      data: [],
    });
  });
});
