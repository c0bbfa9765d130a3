import { describe, expect, it } from "vitest";
import { type FunctionBuilder, tensor } from "../../src/index.js";
import { counting, expectClose, expectShapeError, given, runOne } from "./run-op.js";

const vector = (f: FunctionBuilder, name: string, values: readonly number[]) =>
  f.constant(name, tensor("fp32", [values.length]), [...values]);

describe("batch_norm", () => {
  it("uses the given mean and variance per channel", () => {
    const x = given("fp32", [1, 2, 2], [1, 3, 10, 20]);
    const { data } = runOne({ x }, (f, v) =>
      f.batch_norm({
        x: v.x,
        mean: vector(f, "mean", [1, 10]),
        variance: vector(f, "variance", [3, 99]),
        gamma: vector(f, "gamma", [1, 2]),
        beta: vector(f, "beta", [0, 5]),
        epsilon: 1,
      }),
    );
    expect(data).toEqual([0, 1, 5, 7]);
  });

  it("refuses parameters of another length", () => {
    const x = counting("fp32", [1, 2, 2]);
    expectShapeError(
      { x },
      (f, v) =>
        f.batch_norm({
          x: v.x!,
          mean: vector(f, "mean", [1]),
          variance: vector(f, "variance", [1, 2]),
        }),
      /"mean" must have the shape/,
    );
  });
});

describe("instance_norm", () => {
  it("normalizes each channel by itself", () => {
    const x = given("fp32", [1, 2, 2], [1, 3, 10, 30]);
    const { data } = runOne({ x }, (f, v) =>
      f.instance_norm({
        x: v.x,
        gamma: vector(f, "gamma", [1, 2]),
        beta: vector(f, "beta", [0, 5]),
        epsilon: 0,
      }),
    );
    expect(data).toEqual([-1, 1, 3, 7]);
  });

  it("refuses rank 5", () => {
    const x = counting("fp32", [1, 1, 1, 1, 2]);
    expectShapeError({ x }, (f, v) => f.instance_norm({ x: v.x! }), /rank 3 to 4/);
  });
});

describe("layer_norm", () => {
  it("normalizes over the given axes, in any order", () => {
    const x = given("fp32", [2, 1, 2], [1, 10, 3, 30]);
    const over = (axes: readonly number[]) =>
      runOne({ x }, (f, v) => f.layer_norm({ x: v.x, axes, epsilon: 0 })).data;
    expect(over([0])).toEqual([-1, -1, 1, 1]);
    expect(over([-1])).toEqual([-1, 1, -1, 1]);
    expectClose(over([2, 0]), over([0, 1, 2]), 15);
  });

  it("scales with gamma and beta of the normalized dims", () => {
    const x = given("fp32", [2, 2], [1, 3, 5, 7]);
    const { data } = runOne({ x }, (f, v) =>
      f.layer_norm({
        x: v.x,
        axes: [1],
        gamma: vector(f, "gamma", [1, 10]),
        beta: vector(f, "beta", [0, 1]),
        epsilon: 0,
      }),
    );
    expect(data).toEqual([-1, 11, -1, 11]);
  });

  it("refuses gamma of another shape", () => {
    const x = counting("fp32", [2, 3]);
    expectShapeError(
      { x },
      (f, v) => f.layer_norm({ x: v.x!, axes: [1], gamma: vector(f, "gamma", [1, 1]) }),
      /"gamma"/,
    );
  });
});

describe("l2_norm", () => {
  it("divides by the norm over the last three dims", () => {
    const x = given("fp32", [2, 1, 1, 2], [3, 4, 6, 8]);
    const { data } = runOne({ x }, (f, v) => f.l2_norm({ x: v.x, epsilon: 0 }));
    expectClose(data, [0.6, 0.8, 0.6, 0.8], 15);
  });

  it("refuses matrices", () => {
    const x = counting("fp32", [2, 2]);
    expectShapeError({ x }, (f, v) => f.l2_norm({ x: v.x! }), /rank 3 or more/);
  });
});

describe("local_response_norm", () => {
  it("sums squares over neighbouring channels, more of them before for even sizes", () => {
    const x = given("fp32", [1, 3, 1], [1, 2, 4]);
    const { data } = runOne({ x }, (f, v) =>
      f.local_response_norm({ x: v.x, size: 2, alpha: 2, beta: 1, k: 0 }),
    );
    expect(data).toEqual([1 / 1, 2 / 5, 4 / 20]);
  });
});
