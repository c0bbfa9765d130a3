/** Matrix products C[m,n] = Σ_k A[m,k]·B[k,n] (+ C), of one batch or of a list of batches. */
import type { MatrixPlace } from "@ane/accel-ops";
import type { GraphNode } from "../graph.js";
import type { NativeStep, Placement } from "../plan.js";

/** Strides of a matrix in elements, and of the batch that it is one of. */
export interface MatrixStrides {
  readonly row: number;
  readonly column: number;
  readonly batch: number;
}

export interface GemmShape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Products of one native call. */
  readonly batch: number;
  readonly a: MatrixStrides;
  readonly b: MatrixStrides;
  readonly c: MatrixStrides;
  /** Offsets of A, B and C for each native call. */
  readonly offsets: readonly (readonly [a: number, b: number, c: number])[];
  /** True if C holds what the product is to be added to. */
  readonly accumulate: boolean;
}

export function gemmStep(
  node: GraphNode,
  [a, b, c]: readonly [a: Placement, b: Placement, c: Placement],
  shape: GemmShape,
): NativeStep {
  const { m, n, k, batch, offsets, accumulate } = shape;
  const calls = offsets.length === 1 ? "" : `${offsets.length} × `;
  return {
    kind: "gemm",
    label: node.output.name,
    reads: accumulate ? [a, b, c] : [a, b],
    writes: [c],
    flops: 2 * m * n * k * batch * offsets.length,
    detail: `${calls}${batch === 1 ? "" : `${batch} × `}m ${m}, n ${n}, k ${k}`,
    nodes: [node],
    native: offsets.map(([aOffset, bOffset, cOffset]) => ({
      kind: "gemm",
      ...{ m, n, k, count: batch, accumulate },
      a: matrixPlace(a, aOffset, shape.a),
      b: matrixPlace(b, bOffset, shape.b),
      c: matrixPlace(c, cOffset, shape.c),
    })),
  };
}

function matrixPlace({ buffer }: Placement, offset: number, strides: MatrixStrides): MatrixPlace {
  const { row, column, batch } = strides;
  return { buffer, offset, rowStride: row, columnStride: column, batchStride: batch };
}
