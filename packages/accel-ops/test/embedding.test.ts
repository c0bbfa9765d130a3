import { afterEach, describe, expect, it } from "vitest";
import { ArgumentError, embeddingGather, embeddingScatterAdd, setThreads } from "../src/index.js";
import { digest, integers, relativeError, transposed } from "./support/numeric.js";
import { randomFloats } from "./support/random.js";

const shapes = [
  { rows: 1, dim: 1, classes: 1 },
  { rows: 3, dim: 5, classes: 4 },
  { rows: 33, dim: 17, classes: 9 },
  { rows: 70, dim: 288, classes: 50 },
];

afterEach(() => setThreads(2));

describe.each(["channelFirst", "tokenMajor"] as const)("embedding %s", (layout) => {
  const inLayout = (x: Float32Array, rows: number, dim: number) =>
    layout === "tokenMajor" ? x : transposed(x, rows, dim);

  it.each(shapes)("gathers the rows of the table: %o", ({ rows, dim, classes }) => {
    const table = randomFloats(classes * dim, 1);
    const tokens = Uint16Array.from(integers(rows, 2, classes));
    const expected = new Float32Array(rows * dim);
    tokens.forEach((token, r) => {
      expected.set(table.subarray(token * dim, token * dim + dim), r * dim);
    });
    const out = new Float32Array(rows * dim);
    embeddingGather({ table, tokens, out, classes, dim, layout });
    expect(digest(out)).toBe(digest(inLayout(expected, rows, dim)));
  });

  it.each(shapes)("adds repeated tokens in row order: %o", ({ rows, dim, classes }) => {
    const dx = randomFloats(rows * dim, 3);
    const tokens = Int32Array.from(integers(rows, 4, classes));
    const dTable = randomFloats(classes * dim, 5);
    const expected = dTable.slice();
    tokens.forEach((token, r) => {
      for (let d = 0; d < dim; d++) expected[token * dim + d]! += dx[r * dim + d]!;
    });
    embeddingScatterAdd({ dTable, tokens, dx: inLayout(dx, rows, dim), classes, dim, layout });
    expect(digest(dTable)).toBe(digest(expected)); // fp32 sums in the same order: the same bits
  });

  it("overwrites the rows of the tokens on request, and no others", () => {
    const [rows, dim, classes] = [3, 70, 5];
    const tokens = Uint16Array.of(3, 1, 3);
    const dx = randomFloats(rows * dim, 3);
    const dTable = randomFloats(classes * dim, 5);
    const expected = dTable.slice();
    for (const token of tokens) expected.fill(0, token * dim, token * dim + dim);
    tokens.forEach((token, r) => {
      for (let d = 0; d < dim; d++) expected[token * dim + d]! += dx[r * dim + d]!;
    });
    const shape = { classes, dim, layout, accumulate: false };
    embeddingScatterAdd({ dTable, tokens, dx: inLayout(dx, rows, dim), ...shape });
    expect(digest(dTable)).toBe(digest(expected));
  });

  it("scatters what gather's transpose would: finite differences of a dot product", () => {
    const { rows, dim, classes } = shapes[2]!;
    const tokens = Uint32Array.from(integers(rows, 6, classes));
    const dx = randomFloats(rows * dim, 7);
    const dTable = new Float32Array(classes * dim);
    embeddingScatterAdd({ dTable, tokens, dx, classes, dim, layout });
    const loss = (table: Float32Array) => {
      const out = new Float32Array(rows * dim);
      embeddingGather({ table, tokens, out, classes, dim, layout });
      return out.reduce((sum, x, i) => sum + x * dx[i]!, 0);
    };
    // The loss is linear in the table, so a unit step from zero is its exact derivative.
    const gradient = dTable.map((_, i) => {
      const unit = new Float32Array(classes * dim);
      unit[i] = 1;
      return loss(unit);
    });
    expect(relativeError(dTable, gradient)).toBeLessThan(1e-6);
  });

  it("gives the same bits for every number of threads", () => {
    const [rows, dim, classes] = [300, 290, 7];
    const dx = randomFloats(rows * dim, 8);
    const tokens = Uint16Array.from(integers(rows, 9, classes));
    const runs = [1, 2].map((threads) => {
      setThreads(threads);
      const dTable = new Float32Array(classes * dim);
      embeddingScatterAdd({ dTable, tokens, dx, classes, dim, layout });
      const out = new Float32Array(rows * dim);
      embeddingGather({ table: dTable, tokens, out, classes, dim, layout });
      return digest(dTable, out);
    });
    expect(runs[1]).toBe(runs[0]);
  });
});

it("refuses tokens outside the table and wrong lengths before any work", () => {
  const good = {
    table: new Float32Array(12),
    tokens: Uint16Array.of(0, 3),
    out: new Float32Array(6).fill(7),
    classes: 4,
    dim: 3,
    layout: "tokenMajor",
  } as const;
  expect(() => embeddingGather({ ...good, tokens: Uint16Array.of(4, 0) })).toThrow(/row 0.*got 4/);
  expect(() => embeddingGather({ ...good, tokens: Int32Array.of(0, -2) })).toThrow(/row 1.*got -2/);
  expect(() => embeddingGather({ ...good, out: new Float32Array(7) })).toThrow(ArgumentError);
  expect(() => embeddingGather({ ...good, table: new Float32Array(11) })).toThrow(ArgumentError);
  const table = new Float32Array(12);
  expect(() => embeddingGather({ ...good, table, out: table.subarray(0, 6) })).toThrow(
    ArgumentError,
  );
  expect(good.out.every((x) => x === 7)).toBe(true);
});
