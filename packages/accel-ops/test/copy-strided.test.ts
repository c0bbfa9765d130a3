import fc from "fast-check";
import { afterEach, expect, it } from "vitest";
import { ArgumentError, copyStrided, type Real, setThreads } from "../src/index.js";
import { floatFromHalf, halfFromFloat } from "./support/half.js";
import { digest } from "./support/numeric.js";
import { randomFloats } from "./support/random.js";

afterEach(() => setThreads(2));

/** Row-major strides of `sizes` stored in the order `order` (outermost first). */
function stridesOf(sizes: readonly number[], order: readonly number[]): number[] {
  const strides = sizes.map(() => 0);
  let stride = 1;
  for (const dim of [...order].reverse()) {
    strides[dim] = stride;
    stride *= sizes[dim]!;
  }
  return strides;
}

function forEachIndex(shape: readonly number[], visit: (index: number[]) => void): void {
  const count = shape.reduce((a, b) => a * b, 1);
  for (let flat = 0; flat < count; flat++) {
    const index = shape.map(() => 0);
    let rest = flat;
    for (let dim = shape.length - 1; dim >= 0; dim--) {
      index[dim] = rest % shape[dim]!;
      rest = Math.floor(rest / shape[dim]!);
    }
    visit(index);
  }
}

const offsetOf = (strides: readonly number[], index: readonly number[]) =>
  index.reduce((sum, i, dim) => sum + i * strides[dim]!, 0);

const value = (data: Real, i: number) =>
  data instanceof Float32Array ? data[i]! : floatFromHalf(data[i]!);

const layouts = fc.integer({ min: 0, max: 5 }).chain((rank) =>
  fc.record({
    shape: fc.array(fc.integer({ min: 1, max: 7 }), { minLength: rank, maxLength: rank }),
    srcOrder: fc.shuffledSubarray([...Array(rank).keys()], { minLength: rank }),
    dstOrder: fc.shuffledSubarray([...Array(rank).keys()], { minLength: rank }),
    repeated: fc.integer({ min: -1, max: rank - 1 }),
    halves: fc.tuple(fc.boolean(), fc.boolean()),
  }),
);

it("copies any permutation and repetition, between both types", () => {
  fc.assert(
    fc.property(layouts, ({ shape, srcOrder, dstOrder, repeated, halves: [srcHalf, dstHalf] }) => {
      const count = shape.reduce((a, b) => a * b, 1);
      const numbers = randomFloats(count + 3, 8);
      const srcStrides = stridesOf(shape, srcOrder).map((stride, dim) =>
        dim === repeated ? 0 : stride,
      );
      const dstStrides = stridesOf(shape, dstOrder);
      const src: Real = srcHalf ? Uint16Array.from(numbers, halfFromFloat) : numbers;
      const dst: Real = dstHalf ? new Uint16Array(count + 2) : new Float32Array(count + 2);
      copyStrided({
        shape,
        src: { data: src, offset: 3, strides: srcStrides },
        dst: { data: dst, offset: 1, strides: dstStrides },
      });
      forEachIndex(shape, (index) => {
        const from = value(src, 3 + offsetOf(srcStrides, index));
        const to = value(dst, 1 + offsetOf(dstStrides, index));
        expect(to).toBe(dstHalf ? floatFromHalf(halfFromFloat(from)) : from);
      });
      expect([dst[0], dst[count + 1]]).toEqual([0, 0]);
    }),
  );
});

it("transposes and slices large planes, with the same bits for every number of threads", () => {
  const [rows, columns] = [700, 610];
  const src = randomFloats(rows * columns, 9);
  const runs = [1, 2].map((threads) => {
    setThreads(threads);
    const dst = new Float32Array(500 * columns);
    copyStrided({
      shape: [columns, 500],
      src: { data: src, offset: 100 * columns, strides: [1, columns] },
      dst: { data: dst, strides: [500, 1] },
    });
    return dst;
  });
  for (let r = 0; r < 500; r += 7) {
    for (let c = 0; c < columns; c += 11) {
      expect(runs[0]![c * 500 + r]).toBe(src[(r + 100) * columns + c]);
    }
  }
  expect(digest(runs[0]!)).toBe(digest(runs[1]!));
});

it("copies nothing where a dim is 0, and refuses what does not fit", () => {
  const data = new Float32Array(6);
  const tensor = { data, strides: [3, 1] };
  copyStrided({ shape: [0, 3], src: { data: new Float32Array(0), strides: [3, 1] }, dst: tensor });
  expect(() => copyStrided({ shape: [3, 3], src: tensor, dst: tensor })).toThrow(ArgumentError);
  expect(() => copyStrided({ shape: [2], src: tensor, dst: tensor })).toThrow(
    /strides: must have 1/,
  );
  expect(() => copyStrided({ shape: [1, 1, 1, 1, 1, 1], src: tensor, dst: tensor })).toThrow(
    /5 dims/,
  );
});
