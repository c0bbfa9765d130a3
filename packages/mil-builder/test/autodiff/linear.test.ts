import fc from "fast-check";
import { describe, it } from "vitest";
import { checkGradients } from "./finite-differences.js";
import { broadcastPair, dim, shapeOf } from "./random-shapes.js";

/** Constants of fp16 move by steps that fp16 holds exactly; products are linear. */
const EIGHTHS = { step: 1 / 8 };

describe("matmul", () => {
  it("of matrices with every transpose, batch dims broadcast", () => {
    fc.assert(
      fc.property(
        broadcastPair,
        fc.tuple(dim, dim, dim),
        fc.tuple(fc.boolean(), fc.boolean()),
        fc.nat(),
        ([a, b], [m, n, k], [tx, ty], seed) => {
          const x = [...a.slice(0, 3), ...(tx ? [k, m] : [m, k])];
          const y = [...b.slice(-3).slice(0, a.length), ...(ty ? [n, k] : [k, n])];
          if (!broadcasts(x.slice(0, -2), y.slice(0, -2))) return;
          checkGradients(
            (f, v) => f.matmul({ x: v.x, y: v.y, transpose_x: tx, transpose_y: ty }),
            { x: { shape: x }, y: { shape: y } },
            { seed },
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it("of a vector on either side or both", () => {
    fc.assert(
      fc.property(
        shapeOf(0, 2),
        dim,
        dim,
        fc.boolean(),
        fc.constantFrom("x", "y", "both"),
        (batch, n, k, transposed, side) => {
          const matrix = (rows: number, columns: number) =>
            transposed ? [...batch, columns, rows] : [...batch, rows, columns];
          const x = side === "y" ? matrix(n, k) : [k];
          const y = side === "x" ? matrix(k, n) : [k];
          checkGradients(
            (f, v) =>
              f.matmul({
                x: v.x,
                y: v.y,
                transpose_x: transposed && side === "y",
                transpose_y: transposed && side === "x",
              }),
            { x: { shape: x }, y: { shape: y } },
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it("of a value with itself, and with a constant of another dtype", () => {
    checkGradients((f, { x }) => f.matmul({ x, y: x, transpose_y: true }), {
      x: { shape: [2, 3] },
    });
    checkGradients(
      (f, { x, w }) => f.matmul({ x, y: w }),
      {
        x: { shape: [2, 3] },
        w: { shape: [3], dtype: "fp16", data: [1, 0.5, -1], constant: true },
      },
      EIGHTHS,
    );
    checkGradients(
      (f, { x, w }) => f.matmul({ x: w, y: x }),
      {
        x: { shape: [2, 3, 4] },
        w: { shape: [2, 3], dtype: "fp16", data: [1, 0.5, -1, 0.25, 0, -0.5], constant: true },
      },
      EIGHTHS,
    );
  });
});

describe("linear", () => {
  it("of inputs of any rank, of weight and bias", () => {
    fc.assert(
      fc.property(shapeOf(1, 4), dim, fc.boolean(), fc.nat(), (x, outputs, biased, seed) => {
        checkGradients(
          (f, v) => f.linear({ x: v.x, weight: v.weight, bias: biased ? v.bias : undefined }),
          {
            x: { shape: x },
            weight: { shape: [outputs, x.at(-1)!], constant: true },
            bias: { shape: [outputs], constant: true },
          },
          { seed },
        );
      }),
      { numRuns: 30 },
    );
  });
});

describe("einsum", () => {
  it("of both equations, n and h broadcast", () => {
    const one = fc.boolean();
    fc.assert(
      fc.property(
        fc.tuple(dim, dim, dim, dim, dim),
        fc.tuple(one, one, one, one),
        fc.boolean(),
        ([n, c, h, w, u], [n1, n2, h1, h2], batched) => {
          const a = [n1 ? 1 : n, c, h1 ? 1 : h, w];
          const b = [n2 ? 1 : n, w, h2 ? 1 : h, u];
          const equation = batched ? "nchw,nwhu->nchu" : "abc,cbd->abd";
          checkGradients((f, v) => f.einsum({ values: [v.a, v.b], equation }), {
            a: { shape: batched ? a : a.slice(1) },
            b: { shape: batched ? b : b.slice(1) },
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  it("of a value with itself", () => {
    checkGradients((f, { x }) => f.einsum({ values: [x, x], equation: "nchw,nwhu->nchu" }), {
      x: { shape: [2, 3, 2, 3] },
    });
  });
});

function broadcasts(a: readonly number[], b: readonly number[]): boolean {
  return a.every((extent, axis) => {
    const other = b[axis - a.length + b.length] ?? 1;
    return extent === other || extent === 1 || other === 1;
  });
}
