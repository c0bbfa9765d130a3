import { describe, expect, it } from "vitest";
import type { FunctionBuilder, Value } from "../../src/index.js";
import { tensor } from "../../src/index.js";
import { counting, expectShapeError, given, run, runOne } from "./run-op.js";

describe("matmul", () => {
  const x = given("fp32", [2, 3], [1, 2, 3, 4, 5, 6]);
  const y = given("fp32", [3, 2], [1, 0, 0, 1, 1, 1]);
  const product = { dtype: "fp32", shape: [2, 2], data: [4, 5, 10, 11] };

  it("multiplies rows by columns", () => {
    expect(runOne({ x, y }, (f, v) => f.matmul(v))).toEqual(product);
  });

  it("transposes the last two dims of either operand first", () => {
    const xt = given("fp32", [3, 2], [1, 4, 2, 5, 3, 6]);
    const yt = given("fp32", [2, 3], [1, 0, 1, 0, 1, 1]);
    const [a, b, c] = run({ x, y, xt, yt }, (f, v) => [
      f.matmul({ x: v.xt, y: v.y, transpose_x: true }),
      f.matmul({ x: v.x, y: v.yt, transpose_y: true }),
      f.matmul({ x: v.xt, y: v.yt, transpose_x: true, transpose_y: true }),
    ]);
    expect([a, b, c]).toEqual([product, product, product]);
  });

  it("broadcasts batch dims", () => {
    const a = counting("fp32", [2, 1, 1, 2]);
    const b = counting("fp32", [3, 2, 1]);
    // Rows [0, 1] and [2, 3] against columns [0, 1], [2, 3], [4, 5].
    expect(runOne({ a, b }, (f, v) => f.matmul({ x: v.a, y: v.b }))).toEqual({
      dtype: "fp32",
      shape: [2, 3, 1, 1],
      data: [1, 3, 5, 3, 13, 23],
    });
  });

  it("takes a vector as a row on the left, a column on the right", () => {
    const v3 = given("fp32", [3], [1, 1, 1]);
    const v2 = given("fp32", [2], [1, 10]);
    const [right, left, both] = run({ x, v3, v2 }, (f, v) => [
      f.matmul({ x: v.x, y: v.v3 }),
      f.matmul({ x: v.v2, y: v.x }),
      f.matmul({ x: v.v3, y: v.v3 }),
    ]);
    expect(right).toEqual({ dtype: "fp32", shape: [2], data: [6, 15] });
    expect(left).toEqual({ dtype: "fp32", shape: [3], data: [41, 52, 63] });
    expect(both).toEqual({ dtype: "fp32", shape: [], data: [3] });
  });

  it("mixes dtypes from ios17 on if one operand is constant", () => {
    const half = given("fp16", [2, 3], [1, 2, 3, 4, 5, 6]);
    const weight = [1, 0, 0, 1, 1, 1];
    const result = runOne({ half }, (f, v) =>
      f.matmul({ x: v.half, y: f.constant("w", tensor("fp32", [3, 2]), weight) }),
    );
    expect(result).toEqual({ ...product, dtype: "fp16" });
    expectShapeError({ half, y }, (f, v) => f.matmul({ x: v.half!, y: v.y! }), /one constant/);
    expectShapeError(
      { half, y },
      (f, v) => f.matmul({ x: v.half!, y: v.y! }),
      /one dtype/,
      "ios16",
    );
  });

  it("refuses lengths that differ and transposed vectors", () => {
    const vector = counting("fp32", [3]);
    expectShapeError(
      { x },
      (f, v) => f.matmul({ x: v.x!, y: v.x! }),
      /got 2: x \[2, 3\].*Expected 3/,
    );
    expectShapeError(
      { vector, y },
      (f, v) => f.matmul({ x: v.vector!, y: v.y!, transpose_x: true }),
      /transposed as a matrix/,
    );
  });
});

describe("linear", () => {
  const x = given("fp32", [2, 2], [1, 2, 3, 4]);
  const weight = [1, 0, 0, 1, 1, -1];

  it("multiplies by the transposed weight and adds the bias", () => {
    const result = runOne({ x }, (f, v) =>
      f.linear({
        x: v.x,
        weight: f.constant("w", tensor("fp32", [3, 2]), weight),
        bias: f.constant("b", tensor("fp32", [3]), [10, 20, 30]),
      }),
    );
    expect(result).toEqual({ dtype: "fp32", shape: [2, 3], data: [11, 22, 29, 13, 24, 29] });
  });

  it("works on vectors and without bias", () => {
    const row = given("fp32", [2], [1, 2]);
    const result = runOne({ row }, (f, v) =>
      f.linear({ x: v.row, weight: f.constant("w", tensor("fp32", [3, 2]), weight) }),
    );
    expect(result).toEqual({ dtype: "fp32", shape: [3], data: [1, 2, -1] });
  });

  it("refuses weights that are computed or do not fit", () => {
    expectShapeError({ x }, (f, v) => f.linear({ x: v.x!, weight: v.x! }), /"weight".*constant/);
    expectShapeError(
      { x },
      (f, v) => f.linear({ x: v.x!, weight: f.constant("w", tensor("fp32", [2, 3]), weight) }),
      /"weight" must be \[outputs, inputs of x\], got \[2, 3\]/,
    );
    expectShapeError(
      { x },
      (f, v) =>
        f.linear({
          x: v.x!,
          weight: f.constant("w", tensor("fp32", [3, 2]), weight),
          bias: f.constant("b", tensor("fp32", [2]), [0, 0]),
        }),
      /"bias"/,
    );
  });
});

describe("einsum", () => {
  it("contracts the last dim of a with dim -3 of b", () => {
    const a = counting("fp32", [1, 2, 1, 2]);
    const b = counting("fp32", [1, 2, 1, 2]);
    const result = runOne({ a, b }, (f, v) =>
      f.einsum({ values: [v.a, v.b], equation: "nchw,nwhu->nchu" }),
    );
    expect(result).toEqual({ dtype: "fp32", shape: [1, 2, 1, 2], data: [2, 3, 6, 11] });
  });

  it("broadcasts n and h, whatever the letters", () => {
    const a = given("fp32", [1, 1, 1, 2], [1, 10]);
    const b = counting("fp32", [2, 2, 2, 1]);
    const result = runOne({ a, b }, (f, v) =>
      f.einsum({ values: [v.a, v.b], equation: "bkhc,bchq->bkhq" }),
    );
    expect(result).toEqual({ dtype: "fp32", shape: [2, 1, 2, 1], data: [20, 31, 64, 75] });
  });

  it("knows the form without n", () => {
    const a = given("fp32", [2, 1, 1], [1, 2]);
    const b = given("fp32", [1, 1, 2], [3, 4]);
    const result = runOne({ a, b }, (f, v) =>
      f.einsum({ values: [v.a, v.b], equation: "chw,whr->chr" }),
    );
    expect(result).toEqual({ dtype: "fp32", shape: [2, 1, 2], data: [3, 4, 6, 8] });
  });

  it("refuses other equations and shapes", () => {
    const a = counting("fp32", [2, 2, 2]);
    const call = (equation: string) =>
      [
        { a },
        (f: FunctionBuilder, v: Readonly<Record<string, Value>>) =>
          f.einsum({ values: [v.a!, v.a!], equation }),
      ] as const;
    expectShapeError(...call("ij,jk->ik"), /"equation"/);
    expectShapeError(...call("nchw,nwhu->nchu"), /rank 4/);
  });
});
