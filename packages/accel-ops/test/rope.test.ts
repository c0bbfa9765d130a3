import { afterEach, describe, expect, it } from "vitest";
import { ArgumentError, ropeBackward, ropeForward, setThreads } from "../src/index.js";
import { digest, numericGradient, relativeError, transposed } from "./support/numeric.js";
import { randomFloats } from "./support/random.js";

interface Shape {
  rows: number;
  heads: number;
  headDim: number;
  theta: number;
}

/** [rows, heads·headDim] in float64: pair i of each head turned by position · theta^(-2i/headDim). */
function rotated(
  x: ArrayLike<number>,
  shape: Shape,
  position: (row: number) => number,
): Float64Array {
  const { rows, heads, headDim, theta } = shape;
  const out = new Float64Array(rows * heads * headDim);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < heads * headDim; c += 2) {
      const angle = position(r) * theta ** (-(c % headDim) / headDim);
      const at = r * heads * headDim + c;
      out[at] = x[at]! * Math.cos(angle) - x[at + 1]! * Math.sin(angle);
      out[at + 1] = x[at]! * Math.sin(angle) + x[at + 1]! * Math.cos(angle);
    }
  }
  return out;
}

const shapes: Shape[] = [
  { rows: 1, heads: 1, headDim: 2, theta: 10000 },
  { rows: 5, heads: 3, headDim: 6, theta: 10000 },
  { rows: 37, heads: 2, headDim: 48, theta: 500000 },
  { rows: 130, heads: 3, headDim: 64, theta: 10000 },
];

afterEach(() => setThreads(2));

describe.each(["channelFirst", "tokenMajor"] as const)("rope %s", (layout) => {
  const apply = (op: typeof ropeForward, x: Float32Array, shape: Shape, more: object = {}) => {
    const channels = shape.heads * shape.headDim;
    const data = layout === "tokenMajor" ? x.slice() : transposed(x, shape.rows, channels);
    op({ x: data, ...shape, layout, ...more });
    return layout === "tokenMajor" ? data : transposed(data, channels, shape.rows);
  };

  it.each(shapes)("matches float64 and is undone by its backward: %o", (shape) => {
    const x = randomFloats(shape.rows * shape.heads * shape.headDim, 1);
    const out = apply(ropeForward, x, shape);
    expect(
      relativeError(
        out,
        rotated(x, shape, (r) => r),
      ),
    ).toBeLessThan(1e-6);
    expect(relativeError(apply(ropeBackward, out, shape), x)).toBeLessThan(1e-6);
  });

  it("starts where it is told, or takes one position for each row", () => {
    const shape = shapes[2]!;
    const x = randomFloats(shape.rows * shape.heads * shape.headDim, 2);
    const later = apply(ropeForward, x, shape, { startPosition: 1000 });
    expect(
      relativeError(
        later,
        rotated(x, shape, (r) => 1000 + r),
      ),
    ).toBeLessThan(1e-6);
    const positions = Int32Array.from({ length: shape.rows }, (_, r) => (r * 7919) % 3000);
    const given = apply(ropeForward, x, shape, { positions });
    expect(
      relativeError(
        given,
        rotated(x, shape, (r) => positions[r]!),
      ),
    ).toBeLessThan(1e-6);
  });

  it("has the gradient of central finite differences", () => {
    const shape = shapes[1]!;
    const x = randomFloats(shape.rows * shape.heads * shape.headDim, 3);
    const dOut = randomFloats(x.length, 4);
    const loss = (at: ArrayLike<number>) =>
      rotated(at, shape, (r) => r + 2).reduce((sum, value, i) => sum + value * dOut[i]!, 0);
    const dx = apply(ropeBackward, dOut, shape, { startPosition: 2 });
    expect(relativeError(dx, numericGradient(loss, x))).toBeLessThan(1e-6);
  });

  it("gives the same bits for every number of threads", () => {
    const shape = { rows: 256, heads: 6, headDim: 48, theta: 10000 };
    const x = randomFloats(shape.rows * shape.heads * shape.headDim, 5);
    const runs = [1, 2].map((threads) => {
      setThreads(threads);
      return digest(apply(ropeForward, x, shape));
    });
    expect(runs[1]).toBe(runs[0]);
  });
});

it("gives one sequence and its single tokens the same bits", () => {
  const shape = { rows: 9, heads: 2, headDim: 8, theta: 10000, layout: "tokenMajor" } as const;
  const whole = randomFloats(9 * 16, 6);
  const single = whole.slice();
  ropeForward({ x: whole, ...shape });
  for (let r = 0; r < 9; r++) {
    ropeForward({ ...shape, x: single.subarray(r * 16, r * 16 + 16), rows: 1, startPosition: r });
  }
  expect(single).toEqual(whole);
});

it("refuses odd head dims, wrong lengths and bad positions before any work", () => {
  const x = new Float32Array(24).fill(1);
  const good = { x, rows: 3, heads: 2, headDim: 4, theta: 10000, layout: "tokenMajor" } as const;
  expect(() => ropeForward({ ...good, headDim: 3 })).toThrow(ArgumentError);
  expect(() => ropeForward({ ...good, rows: 4 })).toThrow(ArgumentError);
  expect(() => ropeForward({ ...good, theta: 0 })).toThrow(ArgumentError);
  expect(() => ropeForward({ ...good, startPosition: -1 })).toThrow(ArgumentError);
  expect(() => ropeForward({ ...good, positions: new Int32Array(2) })).toThrow(ArgumentError);
  expect(() => ropeForward({ ...good, positions: Int32Array.of(0, -1, 2) })).toThrow(ArgumentError);
  expect(() => ropeForward({ ...good, startPosition: 1, positions: new Int32Array(3) })).toThrow(
    ArgumentError,
  );
  expect(x.every((value) => value === 1)).toBe(true);
});
