import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  type GemmOptions,
  gemm,
  type MatrixView,
  setThreads,
} from "../src/index.js";
import {
  bits,
  checkGemm,
  expectClose,
  gemmReference,
  randomReal,
} from "./support/gemm-reference.js";
import { randomNumbers } from "./support/random.js";

type DType = "fp16" | "fp32";
type Order = "rows" | "columns" | "strided";
const dtypes: DType[] = ["fp16", "fp32"];

/** A matrix in a larger array, contiguous along rows, along columns, or along neither. */
function matrix(
  type: DType,
  rows: number,
  columns: number,
  order: Order,
  seed: number,
): MatrixView {
  const padding = seed % 4;
  const offset = seed % 7;
  const [rowStride, columnStride] = {
    rows: [columns + padding, 1],
    columns: [1, rows + padding],
    strided: [3 * columns + 5, 3],
  }[order] as [number, number];
  const length = offset + (rows - 1) * rowStride + (columns - 1) * columnStride + 1 + padding;
  return { data: randomReal(type, Math.max(length, 0), seed), offset, rowStride, columnStride };
}

function problem(
  [m, n, k]: readonly [number, number, number],
  [a, b, c]: readonly [DType, DType, DType],
  [orderA, orderB, orderC]: readonly [Order, Order, Order],
  scales: { alpha?: number; beta?: number } = {},
): GemmOptions {
  return {
    m,
    n,
    k,
    a: matrix(a, m, k, orderA, 3 * m + k),
    b: matrix(b, k, n, orderB, 5 * n + k),
    c: matrix(c, m, n, orderC, 7 * m + n),
    ...scales,
  };
}

describe("against the product in float64", () => {
  for (const a of dtypes) {
    for (const b of dtypes) {
      for (const c of dtypes) {
        test(`${a} x ${b} -> ${c}, every order of rows and columns`, () => {
          for (const orderA of ["rows", "columns", "strided"] as const) {
            for (const orderB of ["rows", "columns", "strided"] as const) {
              for (const orderC of ["rows", "columns"] as const) {
                const orders = [orderA, orderB, orderC] as const;
                checkGemm(problem([53, 71, 37], [a, b, c], orders), gemm);
                checkGemm(problem([5, 70, 33], [a, b, c], orders, { beta: 1 }), gemm);
              }
            }
          }
        });
      }
    }
  }

  test("shapes around the sizes of vectors, blocks and panels", () => {
    const next = randomNumbers(11);
    const edges = [1, 2, 3, 4, 5, 7, 8, 11, 12, 13, 15, 16, 17, 24, 31, 32, 33, 47, 48, 49, 64, 65];
    const pick = () => edges[Math.floor(next() * edges.length)]!;
    const orders = ["rows", "columns"] as const;
    const order = () => orders[Math.floor(next() * 2)]!;
    const type = () => dtypes[Math.floor(next() * 2)]!;
    for (let i = 0; i < 400; i++) {
      const options = problem(
        [pick(), pick(), pick()],
        [type(), type(), type()],
        [order(), order(), order()],
        { alpha: next() < 0.5 ? 1 : -0.75, beta: [0, 1, 0.5][Math.floor(next() * 3)]! },
      );
      checkGemm(options, gemm);
    }
  });

  test.each([
    ["one row", 1, 500, 300],
    ["one column", 500, 1, 300],
    ["few rows", 9, 700, 260],
    ["few columns", 700, 30, 260],
    ["depth in several blocks", 40, 50, 1300],
    ["depth of one", 60, 50, 1],
    ["long and narrow", 1500, 40, 70],
    ["short and wide", 40, 1500, 70],
  ])("%s", (_, m, n, k) => {
    for (const orders of [
      ["rows", "rows", "rows"],
      ["rows", "columns", "rows"],
      ["columns", "rows", "columns"],
    ] as const) {
      checkGemm(problem([m, n, k], ["fp32", "fp32", "fp32"], orders, { beta: 1 }), gemm);
      checkGemm(problem([m, n, k], ["fp16", "fp16", "fp16"], orders), gemm);
      checkGemm(problem([m, n, k], ["fp16", "fp32", "fp16"], orders, { beta: 1, alpha: 2 }), gemm);
    }
  });

  test.each([
    ["fp32", "columns"],
    ["fp16", "rows"],
  ] as const)("a depth that takes several steps, %s by %s", (type, order) => {
    const [m, n, k] = [300, 290, 2500];
    const options = problem([m, n, k], [type, type, type], [order, "rows", "rows"], { beta: 1 });
    const { a, c } = options;
    const before = c.data.slice();
    gemm(options);
    for (const row of [0, 157, m - 1]) {
      const at = (view: MatrixView) => ({ ...view, offset: view.offset! + row * view.rowStride });
      const one = { ...options, m: 1, a: at(a), c: { ...at(c), data: before.slice() } };
      const [offset, end] = [one.c.offset, one.c.offset + n];
      const { expected, tolerance } = gemmReference(one);
      expectClose(c.data.slice(offset, end), {
        expected: expected.slice(offset, end),
        tolerance: tolerance.slice(offset, end),
      });
    }
  });
});

describe("batches", () => {
  const [m, n, k, count] = [45, 50, 40, 5];
  const entries = (type: DType, rows: number, columns: number, seed: number): MatrixView => ({
    data: randomReal(type, count * rows * columns, seed),
    rowStride: columns,
    columnStride: 1,
  });

  test.each([
    ["all different", m * k, k * n],
    ["one A", 0, k * n],
    ["one B", m * k, 0],
    ["one A and one B", 0, 0],
  ])("%s", (_, aStride, bStride) => {
    for (const type of dtypes) {
      const options = { m, n, k, a: entries(type, m, k, 1), b: entries(type, k, n, 2), beta: 1 };
      const batch = { count, aStride, bStride, cStride: m * n };
      checkGemm({ ...options, c: entries(type, m, n, 3), batch }, gemm);
    }
  });

  test("few rows in each", () => {
    const options = {
      m: 3,
      n: 90,
      k: 70,
      batch: { count: 4, aStride: 210, bStride: 6300, cStride: 270 },
    };
    const a = { data: randomReal("fp32", 840, 1), rowStride: 70, columnStride: 1 };
    const b = { data: randomReal("fp16", 25200, 2), rowStride: 1, columnStride: 70 };
    const c = { data: randomReal("fp32", 1080, 3), rowStride: 90, columnStride: 1 };
    checkGemm({ ...options, a, b, c, beta: 1 }, gemm);
  });

  test("heads interleaved in the rows of C", () => {
    const heads = {
      data: randomReal("fp32", m * n * count, 3),
      rowStride: n * count,
      columnStride: 1,
    };
    const batch = { count, aStride: m * k, bStride: k * n, cStride: n };
    checkGemm(
      { m, n, k, a: entries("fp32", m, k, 1), b: entries("fp32", k, n, 2), c: heads, batch },
      gemm,
    );
  });

  test("more entries than fit in one step", () => {
    const sizes = { m: 300, n: 290, k: 280 };
    const length = 300 * 300;
    const matrices = (seed: number): MatrixView => ({
      data: randomReal("fp32", 30 * length, seed),
      rowStride: 300,
      columnStride: 1,
    });
    const batch = { count: 30, aStride: length, bStride: length, cStride: length };
    const whole = { ...sizes, a: matrices(1), b: matrices(2), c: matrices(3), batch };
    gemm(whole);
    for (const entry of [0, 17, 29]) {
      const part = (view: MatrixView) => ({ ...view, offset: entry * length });
      const c = { ...whole.c, data: new Float32Array(length) };
      gemm({ ...sizes, a: part(whole.a), b: part(whole.b), c });
      for (let i = 0; i < 300; i++) {
        const row = whole.c.data.subarray(entry * length + i * 300, entry * length + i * 300 + 290);
        expect(bits(row).equals(bits(c.data.subarray(i * 300, i * 300 + 290)))).toBe(true);
      }
    }
  });
});

describe("special values", () => {
  const square = (data: Float32Array): MatrixView => ({ data, rowStride: 2, columnStride: 1 });
  const ones = square(new Float32Array(4).fill(1));

  test("beta = 0 does not read C", () => {
    const c = square(new Float32Array(4).fill(Number.NaN));
    gemm({ m: 2, n: 2, k: 2, a: ones, b: ones, c });
    expect([...c.data]).toEqual([2, 2, 2, 2]);
  });

  test("alpha = 0 and k = 0 leave beta C, without reading A and B", () => {
    const nan = square(new Float32Array(4).fill(Number.NaN));
    const c = square(Float32Array.of(1, 2, 3, 4));
    gemm({ m: 2, n: 2, k: 2, a: nan, b: nan, c, alpha: 0, beta: 2 });
    expect([...c.data]).toEqual([2, 4, 6, 8]);
    gemm({ m: 2, n: 2, k: 0, a: nan, b: nan, c, beta: 0.5 });
    expect([...c.data]).toEqual([1, 2, 3, 4]);
    gemm({ m: 2, n: 2, k: 0, a: nan, b: nan, c });
    expect([...c.data]).toEqual([0, 0, 0, 0]);
  });

  test("nothing happens for empty C", () => {
    const none = { data: new Float32Array(0), rowStride: 1, columnStride: 1 };
    for (const [m, n] of [
      [0, 3],
      [3, 0],
    ] as const) {
      gemm({
        m,
        n,
        k: 2,
        a: { ...ones, data: new Float32Array(9) },
        b: { ...ones, data: new Float32Array(9) },
        c: none,
      });
    }
  });

  test("sums beyond the range of fp16 become infinite, once, at the end", () => {
    const a = { data: new Uint16Array(64).fill(0x7bff), rowStride: 64, columnStride: 1 };
    const signs = Uint16Array.from({ length: 64 }, (_, i) => (i < 32 ? 0x3c00 : 0xbc00));
    const c = { data: new Uint16Array(2), rowStride: 2, columnStride: 1 };
    const b = {
      data: Uint16Array.of(...signs, ...new Uint16Array(64).fill(0x3c00)),
      rowStride: 1,
      columnStride: 64,
    };
    gemm({ m: 1, n: 2, k: 64, a, b, c });
    expect([...c.data]).toEqual([0, 0x7c00]);
  });
});

describe("threads", () => {
  test.each([
    ["fp16", 192, 256, 768, 1, "rows"],
    ["fp16", 768, 256, 256, 1, "columns"],
    ["fp32", 256, 2000, 768, 1, "columns"],
    ["fp32", 4, 3000, 768, 1, "columns"],
    ["fp32", 256, 64, 256, 12, "rows"],
  ] as const)("%s %i x %i x %i, batch %i: the same bits", (type, m, n, k, count, orderB) => {
    const a = { data: randomReal(type, m * k * count, 1), rowStride: k, columnStride: 1 };
    const strides =
      orderB === "rows" ? { rowStride: n, columnStride: 1 } : { rowStride: 1, columnStride: k };
    const b = { data: randomReal(type, n * k * count, 2), ...strides };
    const batch = { count, aStride: m * k, bStride: n * k, cStride: m * n };
    const results = [1, 2, 5].map((threads) => {
      setThreads(threads);
      const c = { data: randomReal(type, m * n * count, 3), rowStride: n, columnStride: 1 };
      gemm({ m, n, k, a, b, c, beta: 1, batch });
      return bits(c.data);
    });
    setThreads(2);
    expect(results[1]!.equals(results[0]!)).toBe(true);
    expect(results[2]!.equals(results[0]!)).toBe(true);
  });
});

describe("wrong arguments are errors before any work", () => {
  const data = new Float32Array(100).fill(5);
  const view = (rowStride: number, columnStride: number, offset = 0): MatrixView => ({
    data: new Float32Array(100),
    rowStride,
    columnStride,
    offset,
  });
  const valid: GemmOptions = {
    m: 4,
    n: 5,
    k: 6,
    a: view(6, 1),
    b: view(5, 1),
    c: { ...view(5, 1), data },
  };

  test.each<[string, Partial<GemmOptions>, string]>([
    ["size", { m: -1 }, "gemm.m: must be an integer, at least 0, got -1."],
    ["fraction", { k: 1.5 }, "gemm.k: must be an integer, at least 0, got 1.5."],
    [
      "short a",
      { a: view(32, 1) },
      "gemm.a.data: must have at least 102 elements for [4, 6] with offset 0 and strides 32, 1, got 100.",
    ],
    ["offset", { b: view(5, 1, 90) }, "gemm.b.data: must have at least 120 elements"],
    ["negative stride", { a: view(-6, 1) }, "gemm.a.rowStride: must be an integer"],
    [
      "type",
      { a: { ...view(6, 1), data: new Float64Array(99) as unknown as Float32Array } },
      "gemm.a.data: must be a Float32Array (fp32) or a Uint16Array (fp16 bits), got Float64Array of length 99.",
    ],
    [
      "c strided",
      { c: view(10, 2) },
      "gemm.c: must be row-major (columnStride 1) or column-major (rowStride 1), got [10, 2].",
    ],
    [
      "c rows overlap",
      { c: view(4, 1) },
      "gemm.c: strides must lead to distinct elements, so one of them must be above 4, got 4.",
    ],
    [
      "c is a",
      { a: { data, rowStride: 6, columnStride: 1 } },
      "gemm.c: must not overlap a, got shared memory.",
    ],
    [
      "c is b",
      { b: { data, rowStride: 5, columnStride: 1, offset: 15 } },
      "gemm.c: must not overlap b",
    ],
    [
      "batch beyond",
      { batch: { count: 20, aStride: 6, bStride: 0, cStride: 20 } },
      "gemm.a.data: must have at least 138 elements for 20 x [4, 6]",
    ],
    [
      "batch of c overlaps",
      { batch: { count: 2, aStride: 6, bStride: 0, cStride: 3 } },
      "gemm.c: strides must lead to distinct elements",
    ],
  ])("%s", (_, change, message) => {
    const call = () => gemm({ ...valid, ...change });
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(message);
    expect(data.every((value) => value === 5)).toBe(true);
  });

  test("the same array is fine where the matrices are apart", () => {
    const shared = new Float32Array(100).fill(1);
    const at = (offset: number, rowStride: number) => ({
      data: shared,
      offset,
      rowStride,
      columnStride: 1,
    });
    gemm({ m: 2, n: 3, k: 4, a: at(0, 4), b: at(8, 3), c: at(20, 3) });
    expect([...shared.subarray(18, 28)]).toEqual([1, 1, 4, 4, 4, 4, 4, 4, 1, 1]);
  });
});
