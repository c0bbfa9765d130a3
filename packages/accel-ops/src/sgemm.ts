/** The fp32 matrix product in the form of the BLAS, row-major. */
import { check, checkArray, checkInteger } from "./argument-error.js";
import { gemm } from "./gemm.js";
import type { MatrixView } from "./gemm-problem.js";

/** op(A) [m, k], op(B) [k, n], C [m, n]; op transposes if `transA` (`transB`) is true. */
export interface SgemmOptions {
  readonly transA: boolean;
  readonly transB: boolean;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly alpha: number;
  /** [m, lda], or [k, lda] if transposed. */
  readonly a: Float32Array;
  readonly lda: number;
  /** [k, ldb], or [n, ldb] if transposed. */
  readonly b: Float32Array;
  readonly ldb: number;
  readonly beta: number;
  /** [m, ldc]. */
  readonly c: Float32Array;
  readonly ldc: number;
}

/**
 * C = alpha op(A) op(B) + beta C, row-major.
 *
 * @throws ArgumentError if a matrix reaches beyond its array, a leading dimension is shorter than its rows, or C
 * overlaps an operand
 */
export function sgemm(options: SgemmOptions): void {
  const { transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc } = options;
  checkLeading(lda, transA ? m : k, "sgemm.lda");
  checkLeading(ldb, transB ? k : n, "sgemm.ldb");
  checkLeading(ldc, n, "sgemm.ldc");
  checkArray(a, Float32Array, "sgemm.a");
  checkArray(b, Float32Array, "sgemm.b");
  checkArray(c, Float32Array, "sgemm.c");
  gemm({
    m,
    n,
    k,
    alpha,
    beta,
    a: view(a, lda, transA),
    b: view(b, ldb, transB),
    c: view(c, ldc, false),
  });
}

function view(data: Float32Array, leading: number, transposed: boolean): MatrixView {
  return transposed
    ? { data, rowStride: 1, columnStride: leading }
    : { data, rowStride: leading, columnStride: 1 };
}

function checkLeading(leading: number, columns: number, where: string): void {
  checkInteger(leading, where);
  check(leading >= columns, where, `must be at least the length of a row, ${columns}`, leading);
}
