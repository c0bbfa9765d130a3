/** Layout arithmetic against the enumeration of every element's position. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  broadcastLayout,
  inMemoryOrder,
  isPacked,
  type Layout,
  loopNest,
  packedInOrder,
  packedLayout,
  packedLike,
  repeatLayout,
  reshapeLayout,
  sameLayout,
  shapeOf,
  sliceLayout,
  stridedLayout,
  transposeLayout,
} from "../../src/cpu/layout.js";

/** Index into the buffer of every element, in row-major order. */
function positions({ offset, dims }: Layout): number[] {
  let found = [offset];
  for (const { size, stride } of dims.flat()) {
    found = found.flatMap((at) => Array.from({ length: size }, (_, i) => at + i * stride));
  }
  return found;
}

const dim = fc.integer({ min: 1, max: 6 });
const shapes = fc.array(dim, { minLength: 1, maxLength: 4 });

/** A packed layout of a random shape in a random memory order, then merged or split by a reshape. */
const layouts = shapes.chain((shape) =>
  fc
    .shuffledSubarray([...shape.keys()], { minLength: shape.length, maxLength: shape.length })
    .map((order) => packedInOrder(shape, order)),
);

describe("layouts", () => {
  it("reshape keeps every element at its position, or refuses", () => {
    fc.assert(
      fc.property(layouts, fc.array(dim, { maxLength: 3 }), (layout, head) => {
        const count = positions(layout).length;
        const known = head.reduce((product, size) => product * size, 1);
        fc.pre(count % known === 0);
        const shape = [...head, count / known];
        const reshaped = reshapeLayout(layout, shape);
        if (!reshaped) return;
        expect(shapeOf(reshaped)).toEqual(shape);
        expect(positions(reshaped)).toEqual(positions(layout));
      }),
    );
  });

  it("reshape always succeeds on a row-major layout", () => {
    expect(reshapeLayout(packedLayout([4, 6]), [3, 8])).toEqual(packedLayout([3, 8]));
  });

  it("reshape of transposed heads stays a view with split dims", () => {
    // [1, H·h, 1, S] -> heads [1, H, S, h] -> pairs [1, H, S·h/2, 2]
    const flat = packedLayout([1, 32, 1, 16]);
    const heads = transposeLayout(reshapeLayout(flat, [1, 4, 8, 16])!, [0, 1, 3, 2]);
    const pairs = reshapeLayout(heads, [1, 4, 64, 2])!;
    expect(positions(pairs)).toEqual(positions(heads));
    expect(pairs.dims[2]).toEqual([
      { size: 16, stride: 1 },
      { size: 4, stride: 32 },
    ]);
  });

  it("transpose, slice and repetition name the right elements", () => {
    const layout = packedLayout([2, 3]);
    expect(positions(transposeLayout(layout, [1, 0]))).toEqual([0, 3, 1, 4, 2, 5]);
    expect(positions(sliceLayout(layout, [0, 1], [2, 2])!)).toEqual([1, 2, 4, 5]);
    expect(positions(sliceLayout(packedLayout([7]), [1], [3], [2])!)).toEqual([1, 3, 5]);
    expect(positions(repeatLayout(layout, 0, 2))).toEqual([0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5]);
    expect(positions(broadcastLayout(packedLayout([1, 3]), [2, 2, 3]))).toEqual([
      0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2,
    ]);
  });

  it("a slice of a split dim is a view where it takes whole blocks or lies in one", () => {
    const split: Layout = {
      offset: 0,
      dims: [
        [
          { size: 3, stride: 100 },
          { size: 4, stride: 1 },
        ],
      ],
    };
    expect(positions(sliceLayout(split, [4], [8])!)).toEqual([
      100, 101, 102, 103, 200, 201, 202, 203,
    ]);
    expect(positions(sliceLayout(split, [5], [2])!)).toEqual([101, 102]);
    expect(sliceLayout(split, [2], [4])).toBeUndefined();
  });

  it("a loop nest visits the elements of all layouts together", () => {
    fc.assert(
      fc.property(layouts, (layout) => {
        const row = packedLayout(shapeOf(layout));
        const nest = loopNest([layout, row]);
        if (!nest) return;
        const asLayout = (i: number): Layout => ({
          offset: 0,
          dims: nest.sizes.map((size, loop) => [{ size, stride: nest.strides[i]![loop]! }]),
        });
        expect(positions(asLayout(0))).toEqual(positions(layout));
        expect(positions(asLayout(1))).toEqual(positions(row));
      }),
    );
  });

  it("memory order makes a permuted packed tensor one loop", () => {
    const layout = packedInOrder([2, 3, 5], [2, 0, 1]);
    expect(inMemoryOrder(loopNest([layout])!)).toEqual({ sizes: [30], strides: [[1]] });
  });

  it("packedLike keeps the memory order of what it is given", () => {
    const gapped = stridedLayout([3, 5], [1, 64], 7);
    expect(packedLike(gapped)).toEqual(packedInOrder([3, 5], [1, 0]));
    expect(isPacked(gapped)).toBe(false);
    expect(isPacked(packedLike(gapped))).toBe(true);
  });

  it("compares layouts by what they name", () => {
    expect(sameLayout(stridedLayout([1, 4], [99, 1]), packedLayout([1, 4]))).toBe(true);
    expect(sameLayout(stridedLayout([2, 2], [2, 1]), stridedLayout([2, 2], [1, 2]))).toBe(false);
  });
});
