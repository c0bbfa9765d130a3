import { describe, expect, it } from "vitest";
import { type FunctionBuilder, tensor, type Value } from "../../src/index.js";
import { counting, expectClose, expectShapeError, given, runOne } from "./run-op.js";

type Op = (f: FunctionBuilder, x: Value) => Value;

describe("activations", () => {
  const x = given("fp32", [3], [-1, 0, 2]);

  it("relu", () => {
    expect(runOne({ x }, (f, v) => f.relu(v)).data).toEqual([0, 0, 2]);
    const hole = given("fp32", [1], [Number.NaN]);
    expect(runOne({ hole }, (f, v) => f.relu({ x: v.hole })).data).toEqual([NaN]);
  });

  it("sigmoid, also far out", () => {
    const wide = given("fp32", [4], [0, Math.log(3), -1000, 1000]);
    const values = runOne({ wide }, (f, v) => f.sigmoid({ x: v.wide })).data;
    expect(values[0]).toBe(0.5);
    expect(values[1]).toBeCloseTo(0.75, 15);
    expect(values.slice(2)).toEqual([0, 1]);
  });

  it("silu, also at the ends", () => {
    const wide = given("fp32", [4], [Math.log(3), 0, -Infinity, Infinity]);
    const values = runOne({ wide }, (f, v) => f.silu({ x: v.wide })).data;
    expect(values[0]).toBeCloseTo(0.75 * Math.log(3), 15);
    expect(values.slice(1)).toEqual([0, -0, Infinity]);
  });

  it("gelu in its three modes", () => {
    const at1 = (mode: "EXACT" | "TANH_APPROXIMATION" | "SIGMOID_APPROXIMATION") =>
      runOne({ x: given("fp32", [1], [1]) }, (f, v) => f.gelu({ x: v.x, mode })).data[0];
    // Φ(1); then the two formulas by hand.
    expect(at1("EXACT")).toBeCloseTo(0.8413447460685429, 14);
    expect(at1("TANH_APPROXIMATION")).toBeCloseTo(0.8411919906082768, 14);
    expect(at1("SIGMOID_APPROXIMATION")).toBeCloseTo(1 / (1 + Math.exp(-1.702)), 14);
    expect(runOne({ x }, (f, v) => f.gelu(v)).data[0]).toBeCloseTo(-0.15865525393145707, 14);
  });
});

describe("activations with parameters", () => {
  const x = given("fp32", [4], [-2, -0.5, 0.5, 3]);

  it.each<[string, Op, number[]]>([
    ["relu6", (f, v) => f.relu6({ x: v }), [0, 0, 0.5, 3]],
    ["softsign", (f, v) => f.softsign({ x: v }), [-2 / 3, -1 / 3, 1 / 3, 0.75]],
    ["leaky_relu", (f, v) => f.leaky_relu({ x: v, alpha: 0.25 }), [-0.5, -0.125, 0.5, 3]],
    ["thresholded_relu", (f, v) => f.thresholded_relu({ x: v, alpha: 0.5 }), [0, 0, 0.5, 3]],
    ["clamped_relu", (f, v) => f.clamped_relu({ x: v, alpha: 2, beta: 1 }), [-4, -1, 0.5, 1]],
    [
      "linear_activation",
      (f, v) => f.linear_activation({ x: v, alpha: 2, beta: 1 }),
      [-3, 0, 2, 7],
    ],
    ["sigmoid_hard", (f, v) => f.sigmoid_hard({ x: v, alpha: 0.5, beta: 0.5 }), [0, 0.25, 0.75, 1]],
  ])("%s", (_, op, expected) => {
    expect(runOne({ x }, (f, v) => op(f, v.x)).data).toEqual(expected);
  });

  it("elu and scaled_tanh by their formulas", () => {
    const elu = runOne({ x }, (f, v) => f.elu({ x: v.x, alpha: 2 })).data;
    expectClose(elu, [2 * (Math.exp(-2) - 1), 2 * (Math.exp(-0.5) - 1), 0.5, 3], 15);
    const tanh = runOne({ x }, (f, v) => f.scaled_tanh({ x: v.x, alpha: 3, beta: 0.5 })).data;
    expectClose(
      tanh,
      [-2, -0.5, 0.5, 3].map((value) => 3 * Math.tanh(value / 2)),
      15,
    );
  });

  it("softplus does not overflow", () => {
    const wide = given("fp32", [3], [0, 1000, -1000]);
    expect(runOne({ wide }, (f, v) => f.softplus({ x: v.wide })).data).toEqual([Math.LN2, 1000, 0]);
  });

  it("prelu and softplus_parametric have parameters per channel", () => {
    const image = given("fp32", [1, 2, 1, 2], [-1, 1, -1, 1]);
    const prelu = runOne({ image }, (f, v) => {
      const alpha = f.constant("alpha", tensor("fp32", [2]), [0.5, 2]);
      return f.prelu({ x: v.image, alpha });
    });
    expect(prelu.data).toEqual([-0.5, 1, -2, 1]);
    const softplus = runOne({ image }, (f, v) => {
      const alpha = f.constant("alpha", tensor("fp32", [2]), [1, 10]);
      const beta = f.constant("beta", tensor("fp32", [2]), [1, 0]);
      return f.softplus_parametric({ x: v.image, alpha, beta });
    });
    expectClose(softplus.data.slice(2), [10 * Math.LN2, 10 * Math.LN2], 14);
    expectClose(softplus.data.slice(0, 2), [Math.log1p(Math.exp(-1)), Math.log1p(Math.E)], 14);
  });

  it("refuses parameters of another length than the channels", () => {
    const image = counting("fp32", [1, 2, 1, 2]);
    expectShapeError(
      { image },
      (f, v) => f.prelu({ x: v.image!, alpha: f.constant("a", tensor("fp32", [3]), [1, 2, 3]) }),
      /"alpha" must be \[C\]/,
    );
  });

  it("takes alpha of another float dtype from ios17 on", () => {
    const half = given("fp16", [1], [-2]);
    const call = (opset: "ios16" | "ios17") =>
      runOne(
        { half },
        (f, v) => f.leaky_relu({ x: v.half, alpha: f.constant("alpha", tensor("fp32", []), 0.5) }),
        opset,
      );
    expect(call("ios17")).toEqual({ dtype: "fp16", shape: [1], data: [-1] });
    expect(() => call("ios16")).toThrow(/"alpha"/);
  });
});

describe("softmax", () => {
  it("normalises along the last axis by default", () => {
    const x = given("fp32", [2, 2], [0, Math.log(3), 1000, 1000]);
    const { shape, data } = runOne({ x }, (f, v) => f.softmax(v));
    expect(shape).toEqual([2, 2]);
    expectClose(data, [0.25, 0.75, 0.5, 0.5], 15);
  });

  it("normalises along an inner axis", () => {
    const x = given("fp32", [1, 2, 2], [0, 5, Math.log(3), 5]);
    const { data } = runOne({ x }, (f, v) => f.softmax({ x: v.x, axis: -2 }));
    expectClose(data, [0.25, 0.5, 0.75, 0.5], 15);
  });

  it("of equal masked values is uniform, of -infinity NaN", () => {
    const x = given("fp32", [2, 2], [-65504, -65504, -Infinity, -Infinity]);
    expect(runOne({ x }, (f, v) => f.softmax(v)).data).toEqual([0.5, 0.5, NaN, NaN]);
  });

  it("refuses an axis that does not exist", () => {
    const x = counting("fp32", [2, 2]);
    expectShapeError({ x }, (f, v) => f.softmax({ x: v.x!, axis: 2 }), /"axis".*-2\.\.1/);
  });
});
