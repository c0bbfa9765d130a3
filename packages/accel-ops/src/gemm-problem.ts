/** The description of a matrix product, its rules, and its form for the native code. */
import { check, checkInteger } from "./argument-error.js";
import { cpuInfo } from "./cpu-info.js";
import type { Real } from "./real.js";
import { checkDistinct, disjoint, type Operand } from "./strided.js";

/** Element (i, j) is `data[offset + i * rowStride + j * columnStride]`. */
export interface MatrixView {
  readonly data: Real;
  /** Default 0. */
  readonly offset?: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** `count` products of the same shape; entry b of a matrix starts at `offset + b * stride`. Stride 0: the same matrix for all. */
export interface GemmBatch {
  readonly count: number;
  readonly aStride: number;
  readonly bStride: number;
  readonly cStride: number;
}

/** C [m, n] = alpha * A [m, k] * B [k, n] + beta * C. */
export interface GemmOptions {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** [m, k], any strides. */
  readonly a: MatrixView;
  /** [k, n], any strides. */
  readonly b: MatrixView;
  /** [m, n], row-major (columnStride 1) or column-major (rowStride 1); overlaps neither A nor B. */
  readonly c: MatrixView;
  /** Default 1. With 0, A and B are not read. */
  readonly alpha?: number;
  /** Default 0: C is not read. */
  readonly beta?: number;
  readonly batch?: GemmBatch;
  /** Of the factors: "bf16" rounds A and B to bf16 first. Sums are fp32. Default "fp32". */
  readonly precision?: "fp32" | "bf16";
}

const single: GemmBatch = { count: 1, aStride: 0, bStride: 0, cStride: 0 };
const sizes = new Float64Array(19);

/**
 * Checks the options of `where` and returns its numbers in the native order: m, n, k, count, then offset, row, column
 * and batch stride of A, B and C, then alpha and beta, and 1 if factors are rounded to
 * bf16. The array is reused by the next call.
 *
 * @throws ArgumentError naming the argument
 */
export function gemmSizes(options: GemmOptions, where: string): Float64Array {
  const { m, n, k, a, b, c, alpha = 1, beta = 0, batch = single, precision = "fp32" } = options;
  const known =
    precision === "fp32" || (precision === "bf16" && cpuInfo().features.includes("bf16"));
  check(known, `${where}.precision`, "must be fp32, or bf16 on a processor with it", precision);
  checkInteger(m, `${where}.m`);
  checkInteger(n, `${where}.n`);
  checkInteger(k, `${where}.k`);
  checkInteger(batch.count, `${where}.batch.count`);
  check(typeof alpha === "number", `${where}.alpha`, "must be a number", alpha);
  check(typeof beta === "number", `${where}.beta`, "must be a number", beta);
  checkView(a, m, k, batch.count, batch.aStride, `${where}.a`);
  checkView(b, k, n, batch.count, batch.bStride, `${where}.b`);
  checkView(c, m, n, batch.count, batch.cStride, `${where}.c`);
  checkTarget(c, m, n, batch, `${where}.c`);
  const target = operand(c, batch.cStride);
  const targetSizes = [m, n, batch.count];
  const apartA = disjoint(target, targetSizes, operand(a, batch.aStride), [m, k, batch.count]);
  check(apartA, `${where}.c`, "must not overlap a", "shared memory");
  const apartB = disjoint(target, targetSizes, operand(b, batch.bStride), [k, n, batch.count]);
  check(apartB, `${where}.c`, "must not overlap b", "shared memory");
  sizes[0] = m;
  sizes[1] = n;
  sizes[2] = k;
  sizes[3] = batch.count;
  putView(4, a, batch.aStride);
  putView(8, b, batch.bStride);
  putView(12, c, batch.cStride);
  sizes[16] = alpha;
  sizes[17] = beta;
  sizes[18] = precision === "bf16" ? 1 : 0;
  return sizes;
}

function putView(at: number, view: MatrixView, batchStride: number): void {
  sizes[at] = view.offset ?? 0;
  sizes[at + 1] = view.rowStride;
  sizes[at + 2] = view.columnStride;
  sizes[at + 3] = batchStride;
}

function checkView(
  view: MatrixView,
  rows: number,
  columns: number,
  count: number,
  batchStride: number,
  where: string,
): void {
  const { data, offset = 0, rowStride, columnStride } = view;
  check(
    data instanceof Float32Array || data instanceof Uint16Array,
    `${where}.data`,
    "must be a Float32Array (fp32) or a Uint16Array (fp16 bits)",
    data,
  );
  checkInteger(offset, `${where}.offset`);
  checkInteger(rowStride, `${where}.rowStride`);
  checkInteger(columnStride, `${where}.columnStride`);
  checkInteger(batchStride, `${where}: batch stride`);
  if (rows === 0 || columns === 0 || count === 0) return;
  const end =
    offset + (rows - 1) * rowStride + (columns - 1) * columnStride + (count - 1) * batchStride + 1;
  if (end > data.length) {
    const shape = count === 1 ? `[${rows}, ${columns}]` : `${count} x [${rows}, ${columns}]`;
    check(
      false,
      `${where}.data`,
      `must have at least ${end} elements for ${shape} with offset ${offset} and strides ${rowStride}, ${columnStride}`,
      data.length,
    );
  }
}

/** C's elements must be distinct, and contiguous along one dimension. */
function checkTarget(c: MatrixView, m: number, n: number, batch: GemmBatch, where: string): void {
  const contiguous = c.columnStride === 1 || c.rowStride === 1 || m <= 1 || n <= 1;
  const strides = [c.rowStride, c.columnStride];
  check(
    contiguous,
    where,
    "must be row-major (columnStride 1) or column-major (rowStride 1)",
    strides,
  );
  const sizes = [m, n, batch.count];
  checkDistinct(sizes, [...strides, batch.cStride], where);
}

/** The view as loops over rows, columns and batch. */
function operand(view: MatrixView, batchStride: number): Operand {
  const { data, offset = 0, rowStride, columnStride } = view;
  return { data, offset, strides: [rowStride, columnStride, batchStride] };
}
