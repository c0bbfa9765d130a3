import { afterEach, describe, expect, it } from "vitest";
import {
  ArgumentError,
  rmsNormBackward,
  rmsNormForward,
  setThreads,
  toFloat,
  toHalf,
} from "../src/index.js";
import { digest, numericGradient, relativeError, transposed } from "./support/numeric.js";
import { randomFloats } from "./support/random.js";

const eps = 1e-5;

/** [rows, D] in float64: out = w · x / √(mean x² + eps). */
function forward(x: ArrayLike<number>, w: ArrayLike<number>, rows: number, dim: number) {
  const out = new Float64Array(rows * dim);
  const inverseRms = new Float64Array(rows);
  for (let r = 0; r < rows; r++) {
    let sum = 0;
    for (let d = 0; d < dim; d++) sum += x[r * dim + d]! ** 2;
    const inverse = 1 / Math.sqrt(sum / dim + eps);
    inverseRms[r] = inverse;
    for (let d = 0; d < dim; d++) out[r * dim + d] = w[d]! * x[r * dim + d]! * inverse;
  }
  return { out, inverseRms };
}

/** The loss whose gradients are dx and dWeight: Σ out · dOut. */
function project(out: Float64Array, dOut: Float32Array): number {
  return out.reduce((sum, value, i) => sum + value * dOut[i]!, 0);
}

const inLayout = (layout: "channelFirst" | "tokenMajor", x: Float32Array, r: number, d: number) =>
  layout === "tokenMajor" ? x : transposed(x, r, d);

const layouts = ["channelFirst", "tokenMajor"] as const;
const sizes = [
  [1, 1],
  [3, 7],
  [37, 19],
  [64, 288],
  [129, 65],
] as const;

afterEach(() => setThreads(2));

describe.each(layouts)("rmsNorm %s", (layout) => {
  it.each(sizes)("matches float64 forward, %i rows of %i", (rows, dim) => {
    const x = randomFloats(rows * dim, 1, 3);
    const weight = randomFloats(dim, 2);
    const expected = forward(x, weight, rows, dim);
    const out = new Float32Array(rows * dim);
    const inverseRms = new Float32Array(rows);
    rmsNormForward({
      x: inLayout(layout, x, rows, dim),
      weight,
      out,
      inverseRms,
      rows,
      dim,
      eps,
      layout,
    });
    const tokenMajor = layout === "tokenMajor" ? out : transposed(out, dim, rows);
    expect(relativeError(tokenMajor, expected.out)).toBeLessThan(1e-6);
    expect(relativeError(inverseRms, expected.inverseRms)).toBeLessThan(1e-6);
  });

  it("reads fp16 x as the values it holds, forward and backward", () => {
    const [rows, dim] = [21, 45];
    const half = new Uint16Array(rows * dim);
    toHalf(randomFloats(rows * dim, 3), half);
    const x = new Float32Array(rows * dim);
    toFloat(half, x);
    const weight = randomFloats(dim, 4);
    const results = [half, x].map((input) => {
      const out = new Float32Array(rows * dim);
      const dx = new Float32Array(rows * dim);
      const dWeight = new Float32Array(dim);
      rmsNormForward({ x: input, weight, out, rows, dim, eps, layout });
      rmsNormBackward({ x: input, weight, dOut: x, dx, dWeight, rows, dim, eps, layout });
      return { out, dx, dWeight };
    });
    expect(results[0]).toEqual(results[1]);
  });

  it("has the gradients of central finite differences", () => {
    const [rows, dim] = [5, 11];
    const x = randomFloats(rows * dim, 5);
    const weight = randomFloats(dim, 6);
    const dOut = randomFloats(rows * dim, 7);
    const dx = new Float32Array(rows * dim);
    const dWeight = new Float32Array(dim);
    const [xIn, dOutIn] = [x, dOut].map((a) => inLayout(layout, a, rows, dim)) as [
      Float32Array,
      Float32Array,
    ];
    rmsNormBackward({ x: xIn, weight, dOut: dOutIn, dx, dWeight, rows, dim, eps, layout });
    const loss = (at: ArrayLike<number>, w: ArrayLike<number>) =>
      project(forward(at, w, rows, dim).out, dOut);
    const tokenMajor = layout === "tokenMajor" ? dx : transposed(dx, dim, rows);
    expect(
      relativeError(
        tokenMajor,
        numericGradient((at) => loss(at, weight), x),
      ),
    ).toBeLessThan(1e-6);
    expect(
      relativeError(
        dWeight,
        numericGradient((w) => loss(x, w), weight),
      ),
    ).toBeLessThan(1e-6);
  });

  it("accumulates dWeight always and dx on request, and writes dx over dOut", () => {
    const [rows, dim] = [33, 70];
    const x = randomFloats(rows * dim, 8);
    const weight = randomFloats(dim, 9);
    const dOut = randomFloats(rows * dim, 10);
    const shape = { rows, dim, eps, layout } as const;
    const dx = new Float32Array(rows * dim);
    const dWeight = new Float32Array(dim);
    rmsNormBackward({ x, weight, dOut, dx, dWeight, ...shape });

    const start = randomFloats(rows * dim, 11);
    const summed = start.slice();
    const twice = dWeight.slice();
    rmsNormBackward({ x, weight, dOut, dx: summed, dWeight: twice, accumulate: true, ...shape });
    expect(
      relativeError(
        summed,
        start.map((value, i) => value + dx[i]!),
      ),
    ).toBeLessThan(1e-6);
    expect(
      relativeError(
        twice,
        dWeight.map((value) => 2 * value),
      ),
    ).toBeLessThan(1e-6);

    const inPlace = dOut.slice();
    rmsNormBackward({ x, weight, dOut: inPlace, dx: inPlace, dWeight: twice, ...shape });
    expect(inPlace).toEqual(dx);
  });

  it("gives the same bits for every number of threads", () => {
    const [rows, dim] = [256, 301];
    const x = randomFloats(rows * dim, 12);
    const weight = randomFloats(dim, 13);
    const dOut = randomFloats(rows * dim, 14);
    const runs = [1, 2].map((threads) => {
      setThreads(threads);
      const out = new Float32Array(rows * dim);
      const dx = new Float32Array(rows * dim);
      const dWeight = randomFloats(dim, 15);
      rmsNormForward({ x, weight, out, rows, dim, eps, layout });
      rmsNormBackward({ x, weight, dOut, dx, dWeight, rows, dim, eps, layout });
      return digest(out, dx, dWeight);
    });
    expect(runs[1]).toBe(runs[0]);
  });
});

it("refuses wrong lengths and partial overlap before any work", () => {
  const [rows, dim] = [4, 8];
  const good = {
    x: new Float32Array(32),
    weight: new Float32Array(8),
    out: new Float32Array(32).fill(7),
    rows,
    dim,
    eps,
    layout: "tokenMajor",
  } as const;
  expect(() => rmsNormForward({ ...good, x: new Float32Array(31) })).toThrow(ArgumentError);
  expect(() => rmsNormForward({ ...good, weight: new Float32Array(9) })).toThrow(ArgumentError);
  expect(() => rmsNormForward({ ...good, inverseRms: new Float32Array(3) })).toThrow(ArgumentError);
  expect(() => rmsNormForward({ ...good, eps: -1 })).toThrow(ArgumentError);
  expect(() => rmsNormForward({ ...good, rows: 3.5 })).toThrow(ArgumentError);
  const shared = new Float32Array(40);
  const overlapping = { x: shared.subarray(0, 32), out: shared.subarray(8, 40) };
  expect(() => rmsNormForward({ ...good, ...overlapping })).toThrow(ArgumentError);
  expect(good.out.every((value) => value === 7)).toBe(true);
});
