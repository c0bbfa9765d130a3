import { describe, expect, it } from "vitest";
import { tensor } from "../../src/index.js";
import { counting, expectShapeError, given, runOne } from "./run-op.js";

describe("const", () => {
  it("has the value written in the program", () => {
    const x = counting("fp16", [1]);
    const result = runOne({ x }, (f) => f.constant("c", tensor("fp16", [2]), [0.1, -1]));
    expect(result).toEqual({ dtype: "fp16", shape: [2], data: [0.0999755859375, -1] });
  });
});

describe("select", () => {
  const cond = given("bool", [2, 1], [1, 0]);
  const a = given("fp32", [2, 2], [1, 2, 3, 4]);

  it("chooses element by element, with broadcast", () => {
    const result = runOne({ cond, a }, (f, v) => f.select({ cond: v.cond, a: v.a, b: -1 }));
    expect(result).toEqual({ dtype: "fp32", shape: [2, 2], data: [1, 2, -1, -1] });
  });

  it("takes no notice of the value it does not choose", () => {
    const hole = given("fp32", [2, 2], [Number.NaN, Number.NaN, 5, 6]);
    const result = runOne({ cond, a, hole }, (f, v) =>
      f.select({ cond: v.cond, a: v.a, b: v.hole }),
    );
    expect(result.data).toEqual([1, 2, 5, 6]);
  });

  it("refuses a condition larger than the values", () => {
    const scalar = given("fp32", [], [1]);
    expectShapeError(
      { cond, scalar },
      (f, v) => f.select({ cond: v.cond!, a: v.scalar!, b: v.scalar! }),
      /"cond" must broadcast/,
    );
  });
});
