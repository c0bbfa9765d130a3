/**
 * Maps a product of strided operands onto calls of gemm. Dims may be split into several loops; loops over which B
 * stands still are rows, those over which A stands still are columns, the rest are batches. gemm takes one loop of
 * each; what is left over becomes a list of calls.
 */
import { inMemoryOrder, type Layout, type LoopNest, loopNest } from "./layout.js";
import type { GemmShape } from "./steps/gemm-step.js";

/** A [batch…, m, k], B [batch…, k, n], C [batch…, m, n]. */
export interface Product {
  readonly a: Layout;
  readonly b: Layout;
  readonly c: Layout;
}

interface Loop {
  readonly size: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

const ONCE: Loop = { size: 1, a: 0, b: 0, c: 0 };

/** The calls that compute the product, or undefined if the layouts allow none. */
export function gemmShape({ a, b, c }: Product, accumulate: boolean): GemmShape | undefined {
  const inner = loopNest([dimAt(a, -1), dimAt(b, -2)]);
  const loops = outerLoops({ a, b, c });
  if (!inner || inner.sizes.length > 1 || !loops) return undefined;
  const rows = merged(loops.filter((loop) => loop.b === 0 && loop.a !== 0));
  const columns = merged(loops.filter((loop) => loop.a === 0 && loop.b !== 0));
  const chosen = largestPair(rows, columns);
  if (!chosen) return undefined;
  const { row, column } = chosen;
  const rest = merged([
    ...loops.filter((loop) => (loop.a === 0) === (loop.b === 0)),
    ...rows.filter((loop) => loop !== row),
    ...columns.filter((loop) => loop !== column),
  ]);
  const batch = rest.reduce((largest, loop) => (loop.size > largest.size ? loop : largest), ONCE);
  // A single row or column has no stride of its own: it gets the one that makes C row- or column-major.
  const cRow = row.size > 1 ? row.c : column.c === 1 ? column.size : 1;
  const cColumn = column.size > 1 ? column.c : row.c === 1 ? row.size : 1;
  return {
    m: row.size,
    n: column.size,
    k: inner.sizes[0] ?? 1,
    batch: batch.size,
    a: { row: row.a, column: inner.strides[0]![0] ?? 1, batch: batch.a },
    b: { row: inner.strides[1]![0] ?? 1, column: column.b, batch: batch.b },
    c: { row: cRow, column: cColumn, batch: batch.c },
    offsets: callOffsets(
      rest.filter((loop) => loop !== batch),
      [a.offset, b.offset, c.offset],
    ),
    accumulate,
  };
}

/** One dim of a layout, counted from the end, as a layout. */
function dimAt(layout: Layout, axis: number): Layout {
  return { offset: 0, dims: [layout.dims.at(axis)!] };
}

/** All loops but the one over k, with their strides in A, B and C. */
function outerLoops({ a, b, c }: Product): Loop[] | undefined {
  const batchOf = ({ dims }: Layout): Layout => ({ offset: 0, dims: dims.slice(0, -2) });
  const batch = loopNest([batchOf(a), batchOf(b), batchOf(c)]);
  const rows = loopNest([dimAt(a, -2), dimAt(c, -2)]);
  const columns = loopNest([dimAt(b, -1), dimAt(c, -1)]);
  if (!batch || !rows || !columns) return undefined;
  return [
    ...batch.sizes.map((size, i) => ({
      size,
      a: batch.strides[0]![i]!,
      b: batch.strides[1]![i]!,
      c: batch.strides[2]![i]!,
    })),
    ...rows.sizes.map((size, i) => ({
      size,
      a: rows.strides[0]![i]!,
      b: 0,
      c: rows.strides[1]![i]!,
    })),
    ...columns.sizes.map((size, i) => ({
      size,
      a: 0,
      b: columns.strides[0]![i]!,
      c: columns.strides[1]![i]!,
    })),
  ];
}

/** In the order of C's memory, with neighbours joined where all three strides allow. */
function merged(loops: readonly Loop[]): Loop[] {
  const nest: LoopNest = {
    sizes: loops.map(({ size }) => size),
    strides: [loops.map(({ c }) => c), loops.map(({ a }) => a), loops.map(({ b }) => b)],
  };
  const { sizes, strides } = inMemoryOrder(nest);
  return sizes.map((size, i) => ({
    size,
    c: strides[0]![i]!,
    a: strides[1]![i]!,
    b: strides[2]![i]!,
  }));
}

/** The rows and columns that make the largest product whose C is row- or column-major. */
function largestPair(
  rows: readonly Loop[],
  columns: readonly Loop[],
): { row: Loop; column: Loop } | undefined {
  let best: { row: Loop; column: Loop } | undefined;
  for (const row of rows.length === 0 ? [ONCE] : rows) {
    for (const column of columns.length === 0 ? [ONCE] : columns) {
      const isMatrix = row.c === 1 || column.c === 1 || row === ONCE || column === ONCE;
      const size = row.size * column.size;
      if (isMatrix && size > (best ? best.row.size * best.column.size : 0)) best = { row, column };
    }
  }
  return best;
}

function callOffsets(
  loops: readonly Loop[],
  start: readonly [number, number, number],
): (readonly [number, number, number])[] {
  let offsets: (readonly [number, number, number])[] = [start];
  for (const { size, a, b, c } of loops) {
    offsets = offsets.flatMap(([aAt, bAt, cAt]) =>
      Array.from({ length: size }, (_, i) => [aAt + i * a, bAt + i * b, cAt + i * c] as const),
    );
  }
  return offsets;
}
