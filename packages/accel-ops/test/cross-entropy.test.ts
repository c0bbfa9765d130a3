import { afterEach, describe, expect, it } from "vitest";
import { ArgumentError, crossEntropy, crossEntropyLoss, setThreads } from "../src/index.js";
import { digest, integers, numericGradient, relativeError } from "./support/numeric.js";
import { randomFloats } from "./support/random.js";

/** Loss of each row and softmax of all rows in float64. */
function reference(
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
  rows: number,
  classes: number,
) {
  const losses = new Float64Array(rows);
  const probabilities = new Float64Array(rows * classes);
  for (let r = 0; r < rows; r++) {
    const row = Array.from({ length: classes }, (_, c) => logits[r * classes + c]!);
    const peak = row.reduce((a, b) => Math.max(a, b));
    const sum = row.reduce((total, x) => total + Math.exp(x - peak), 0);
    losses[r] = Math.log(sum) + peak - row[targets[r]!]!;
    row.forEach((x, c) => {
      probabilities[r * classes + c] = Math.exp(x - peak) / sum;
    });
  }
  return { losses, probabilities, mean: losses.reduce((a, b) => a + b) / rows };
}

const sizes = [
  [1, 1],
  [1, 2],
  [3, 31],
  [5, 512],
  [2, 2049],
  [3, 32000],
  [17, 4099],
] as const;

afterEach(() => setThreads(2));

it.each(sizes)("loss and gradient match float64, [%i, %i]", (rows, classes) => {
  const logits = randomFloats(rows * classes, 1, 12);
  const targets = Uint16Array.from(integers(rows, 2, classes));
  const expected = reference(logits, targets, rows, classes);
  const untouched = logits.slice();
  const losses = new Float32Array(rows);
  const mean = crossEntropyLoss({ logits, targets, rows, classes, losses });
  expect(digest(logits)).toBe(digest(untouched));
  expect(relativeError([mean], [expected.mean])).toBeLessThan(2e-6);
  expect(relativeError(losses, expected.losses)).toBeLessThan(2e-6);

  const gradientScale = 256 / rows;
  const same = new Float32Array(rows);
  expect(crossEntropy({ logits, targets, rows, classes, gradientScale, losses: same })).toBe(mean);
  expect(same).toEqual(losses);
  const gradient = expected.probabilities.map((p, i) => {
    const isTarget = targets[Math.floor(i / classes)] === i % classes;
    return (p - (isTarget ? 1 : 0)) * gradientScale;
  });
  expect(relativeError(logits, gradient)).toBeLessThan(2e-6);
});

it("has the gradient of central finite differences", () => {
  const [rows, classes] = [3, 9];
  const logits = randomFloats(rows * classes, 3, 2);
  const targets = Int32Array.of(8, 0, 4);
  const loss = (at: ArrayLike<number>) => reference(at, targets, rows, classes).mean;
  const expected = numericGradient(loss, logits);
  crossEntropy({ logits, targets, rows, classes, gradientScale: 1 / rows });
  expect(relativeError(logits, expected)).toBeLessThan(1e-6);
});

it.each([
  [0, 0],
  [0.01, 0],
  [0.01, 5],
])("counts absent classes as logits of 0, z-loss %d, soft cap %d", (zLoss, softcap) => {
  const [rows, classes, absentClasses] = [4, 37, 5000];
  const all = classes + absentClasses;
  const targets = Uint16Array.from(integers(rows, 2, classes));
  // The last row's logits are far below 0: almost all of the probability is absent.
  const given = randomFloats(rows * classes, 1, 4).map((x, i) => (i < 3 * classes ? x : x - 50));
  const whole = new Float32Array(rows * all);
  for (let r = 0; r < rows; r++) {
    whole.set(given.subarray(r * classes, (r + 1) * classes), r * all);
  }
  const shared = { targets, rows, gradientScale: 1, zLoss, softcap };
  const loss = crossEntropyLoss({ ...shared, logits: given, classes, absentClasses });
  expect(crossEntropy({ ...shared, logits: given, classes, absentClasses })).toBe(loss);
  expect(
    relativeError([loss], [crossEntropy({ ...shared, logits: whole, classes: all })]),
  ).toBeLessThan(1e-6);
  const expected = given.map((_, i) => whole[Math.floor(i / classes) * all + (i % classes)]!);
  expect(relativeError(given, expected)).toBeLessThan(1e-5);
});

describe("with z-loss and soft cap", () => {
  const [rows, classes] = [3, 41];
  const targets = Int32Array.of(8, 0, 40);
  const start = randomFloats(rows * classes, 3, 4);
  /** In float64: the cross-entropy of the capped logits, and what z-loss adds to it. */
  const objective = (at: ArrayLike<number>, zLoss: number, softcap: number) => {
    const x = Array.from(at, (v) => (softcap === 0 ? v : softcap * Math.tanh(v / softcap)));
    const { mean, losses } = reference(x, targets, rows, classes);
    const logSums = Array.from(losses, (loss, r) => loss + x[r * classes + targets[r]!]!);
    const z = (zLoss * logSums.reduce((sum, logSum) => sum + logSum ** 2, 0)) / rows;
    return { mean, sum: mean + z };
  };

  it.each([
    [1e-2, 0],
    [0, 5],
    [0, 30],
    [1e-2, 5],
  ])("has the gradient of central finite differences, z %d, cap %d", (zLoss, softcap) => {
    const expected = numericGradient((at) => objective(at, zLoss, softcap).sum, start);
    const logits = start.slice();
    const options = { logits, targets, rows, classes, softcap };
    const loss = crossEntropyLoss(options);
    expect(crossEntropy({ ...options, gradientScale: 1 / rows, zLoss })).toBe(loss);
    expect(relativeError([loss], [objective(start, zLoss, softcap).mean])).toBeLessThan(1e-6);
    expect(relativeError(logits, expected)).toBeLessThan(2e-6);
  });

  it("refuses factors below zero", () => {
    const options = { logits: start.slice(), targets, rows, classes, gradientScale: 1 };
    expect(() => crossEntropy({ ...options, zLoss: -1 })).toThrow(/zLoss.*got -1/);
    expect(() => crossEntropyLoss({ ...options, softcap: -1 })).toThrow(/softcap.*got -1/);
  });
});

it("keeps rows apart whose maximum is extreme, late, or masked by -Infinity", () => {
  const classes = 10_000;
  const rows = 5;
  const logits = randomFloats(rows * classes, 4);
  for (let c = 0; c < classes; c++) logits[c] = c * 0.02; // the maximum grows in every block
  logits.subarray(classes, 2 * classes).fill(Number.NEGATIVE_INFINITY, 0, 9_000);
  logits.subarray(2 * classes, 3 * classes).forEach((x, c, row) => {
    row[c] = x - 3e4;
  });
  logits[4 * classes - 1] = 3e38;
  logits
    .subarray(4 * classes)
    .fill(-100)
    .fill(Number.NEGATIVE_INFINITY, 0, 5_000);
  const targets = Uint32Array.of(9_999, 9_500, 3, 9_999, 7_000);
  const expected = reference(logits, targets, rows, classes);
  const losses = new Float32Array(rows);
  crossEntropy({ logits, targets, rows, classes, gradientScale: 1, losses });
  for (let r = 0; r < rows; r++) expect(losses[r]).toBeCloseTo(expected.losses[r]!, 3);
  for (let r = 0; r < rows; r++) expected.probabilities[r * classes + targets[r]!]! -= 1;
  expect(relativeError(logits, expected.probabilities)).toBeLessThan(3e-6);
});

it.each([Number.NaN, Number.POSITIVE_INFINITY])("lets %d reach the loss", (bad) => {
  const [rows, classes] = [2, 5000];
  const targets = Uint16Array.of(1, 2);
  for (const at of [0, 17, 2500, 4999]) {
    const logits = randomFloats(rows * classes, 5);
    logits[classes + at] = bad;
    const losses = new Float32Array(rows);
    expect(crossEntropyLoss({ logits, targets, rows, classes, losses })).toBeNaN();
    expect(Number.isFinite(losses[0])).toBe(true);
    expect(crossEntropy({ logits, targets, rows, classes, gradientScale: 1 })).toBeNaN();
    expect(logits[classes + 3]).toBeNaN();
  }
});

it("gives the same bits for every number of threads", () => {
  const [rows, classes] = [19, 3001];
  const start = randomFloats(rows * classes, 6, 5);
  const targets = Uint16Array.from(integers(rows, 7, classes));
  const runs = [1, 2].map((threads) => {
    setThreads(threads);
    const logits = start.slice();
    const loss = crossEntropy({ logits, targets, rows, classes, gradientScale: 1 });
    return [loss, digest(logits)];
  });
  expect(runs[1]).toEqual(runs[0]);
});

it("refuses targets outside the classes and wrong lengths before any work", () => {
  const [rows, classes] = [2, 4];
  const logits = new Float32Array(8).fill(1);
  const good = { logits, targets: Uint16Array.of(0, 3), rows, classes, gradientScale: 1 };
  expect(() => crossEntropy({ ...good, targets: Uint16Array.of(0, 4) })).toThrow(/row 1.*got 4/);
  expect(() => crossEntropy({ ...good, targets: Int32Array.of(-1, 0) })).toThrow(/row 0.*got -1/);
  expect(() => crossEntropyLoss({ ...good, targets: Uint32Array.of(0) })).toThrow(ArgumentError);
  expect(() => crossEntropy({ ...good, classes: 3 })).toThrow(ArgumentError);
  expect(() => crossEntropy({ ...good, losses: new Float32Array(1) })).toThrow(ArgumentError);
  expect(() => crossEntropy({ ...good, gradientScale: Number.NaN })).toThrow(ArgumentError);
  expect(logits.every((x) => x === 1)).toBe(true);
});
