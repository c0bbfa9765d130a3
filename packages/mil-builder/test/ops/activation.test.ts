import { describe, expect, it } from "vitest";
import { counting, expectClose, expectShapeError, given, runOne } from "./run-op.js";

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
