import { afterEach, expect, it } from "vitest";
import {
  ArgumentError,
  setThreads,
  sigmoid,
  silu,
  siluBackward,
  swiGlu,
  swiGluBackward,
} from "../src/index.js";
import { digest, numericGradient, relativeError } from "./support/numeric.js";
import { randomFloats } from "./support/random.js";

const logistic = (x: number) => 1 / (1 + Math.exp(-x));
const lengths = [1, 15, 33, 1027, 40_001];

afterEach(() => setThreads(2));

it.each(lengths)("sigmoid and silu match float64, %i elements", (n) => {
  const x = randomFloats(n, 1, 12);
  const out = new Float32Array(n);
  sigmoid(x, out);
  expect(relativeError(out, Float64Array.from(x, logistic))).toBeLessThan(4e-7);
  silu(x, out);
  expect(
    relativeError(
      out,
      Float64Array.from(x, (v) => v * logistic(v)),
    ),
  ).toBeLessThan(4e-7);
});

it("keeps relative accuracy where sigmoid is tiny, and its limits at the ends", () => {
  const x = Float32Array.of(-80, -40, -20, 0, 20, 1e4, Number.POSITIVE_INFINITY);
  const out = new Float32Array(x.length);
  sigmoid(x, out);
  x.forEach((v, i) => {
    expect(Math.abs(out[i]! / logistic(v) - 1)).toBeLessThan(1e-6);
  });
  sigmoid(Float32Array.of(-1e4, Number.NEGATIVE_INFINITY, Number.NaN), out.subarray(0, 3));
  expect(out[0]).toBeLessThan(1e-37);
  expect(out[1]).toBeLessThan(1e-37);
  expect(out[2]).toBeNaN();
});

it("siluBackward and swiGluBackward have the gradients of central finite differences", () => {
  const n = 37;
  const h1 = randomFloats(n, 2, 4);
  const h3 = randomFloats(n, 3);
  const dGate = randomFloats(n, 4);
  const gate = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    dGate.reduce((sum, d, i) => sum + d * a[i]! * logistic(a[i]!) * b[i]!, 0);
  const dH1 = new Float32Array(n);
  const dH3 = new Float32Array(n);
  swiGluBackward({ h1, h3, dGate, dH1, dH3 });
  expect(
    relativeError(
      dH1,
      numericGradient((at) => gate(at, h3), h1),
    ),
  ).toBeLessThan(1e-6);
  expect(
    relativeError(
      dH3,
      numericGradient((at) => gate(h1, at), h3),
    ),
  ).toBeLessThan(1e-6);

  const ones = new Float32Array(n).fill(1);
  const dx = new Float32Array(n);
  siluBackward(h1, dGate, dx);
  expect(
    relativeError(
      dx,
      numericGradient((at) => gate(at, ones), h1),
    ),
  ).toBeLessThan(1e-6);
});

it.each(lengths)("swiGlu matches float64 and works in place, %i elements", (n) => {
  const h1 = randomFloats(n, 5, 8);
  const h3 = randomFloats(n, 6, 2);
  const expected = Float64Array.from(h1, (v, i) => v * logistic(v) * h3[i]!);
  const gate = new Float32Array(n);
  swiGlu({ h1, h3, gate });
  expect(relativeError(gate, expected)).toBeLessThan(4e-7);
  const inPlace = h1.slice();
  swiGlu({ h1: inPlace, h3, gate: inPlace });
  expect(digest(inPlace)).toBe(digest(gate));

  const [dH1, dH3] = [new Float32Array(n), new Float32Array(n)];
  swiGluBackward({ h1, h3, dGate: gate, dH1, dH3 });
  const over = { h1: h1.slice(), h3: h3.slice() };
  swiGluBackward({ ...over, dGate: gate, dH1: over.h1, dH3: over.h3 });
  expect(digest(over.h1, over.h3)).toBe(digest(dH1, dH3));
});

it("gives the same bits for every number of threads", () => {
  const n = 100_003;
  const h1 = randomFloats(n, 7, 8);
  const h3 = randomFloats(n, 8);
  const runs = [1, 2].map((threads) => {
    setThreads(threads);
    const [gate, dH1, dH3] = [new Float32Array(n), new Float32Array(n), new Float32Array(n)];
    swiGlu({ h1, h3, gate });
    swiGluBackward({ h1, h3, dGate: gate, dH1, dH3 });
    return digest(gate, dH1, dH3);
  });
  expect(runs[1]).toBe(runs[0]);
});

it("refuses different lengths and partial overlap before any work", () => {
  const out = new Float32Array(8).fill(7);
  const short = new Float32Array(7);
  const shared = new Float32Array(9);
  expect(() => sigmoid(short, out)).toThrow(ArgumentError);
  expect(() => silu(shared.subarray(0, 8), shared.subarray(1))).toThrow(ArgumentError);
  expect(() => siluBackward(out, short, out)).toThrow(ArgumentError);
  expect(() => swiGlu({ h1: out, h3: short, gate: out })).toThrow(ArgumentError);
  const eight = new Float32Array(8);
  const backward = { h1: eight, h3: eight, dGate: eight, dH1: out, dH3: out };
  expect(() => swiGluBackward(backward)).toThrow(ArgumentError);
  expect(out).toEqual(new Float32Array(8).fill(7));
});
