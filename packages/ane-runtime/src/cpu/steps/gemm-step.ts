/** Matrix products C[m,n] = Σ_k A[m,k]·B[k,n] (+ C), of one batch or of a loop of batches. */
import { type GemmOptions, gemm } from "@ane/accel-ops";
import type { Placement, Step, Workspace } from "../plan.js";
import { realMemory } from "./real-memory.js";

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

export class GemmStep implements Step {
  readonly kind = "gemm";
  readonly label: string;
  readonly reads: readonly Placement[];
  readonly writes: readonly Placement[];
  readonly flops: number;
  readonly detail: string;
  readonly #shape: GemmShape;

  constructor(label: string, a: Placement, b: Placement, c: Placement, shape: GemmShape) {
    const { m, n, k, batch, offsets, accumulate } = shape;
    this.label = label;
    this.reads = accumulate ? [a, b, c] : [a, b];
    this.writes = [c];
    this.flops = 2 * m * n * k * batch * offsets.length;
    const calls = offsets.length === 1 ? "" : `${offsets.length} × `;
    this.detail = `${calls}${batch === 1 ? "" : `${batch} × `}m ${m}, n ${n}, k ${k}`;
    this.#shape = shape;
  }

  run({ memory }: Workspace): void {
    const { m, n, k, batch, a, b, c, offsets, accumulate } = this.#shape;
    const [aMemory, bMemory, cMemory] = [this.reads[0]!, this.reads[1]!, this.writes[0]!].map(
      ({ buffer }) => realMemory(memory, buffer),
    );
    for (const [aOffset, bOffset, cOffset] of offsets) {
      const options: GemmOptions = {
        m,
        n,
        k,
        a: { data: aMemory!, offset: aOffset, rowStride: a.row, columnStride: a.column },
        b: { data: bMemory!, offset: bOffset, rowStride: b.row, columnStride: b.column },
        c: { data: cMemory!, offset: cOffset, rowStride: c.row, columnStride: c.column },
        beta: accumulate ? 1 : 0,
        batch: { count: batch, aStride: a.batch, bStride: b.batch, cStride: c.batch },
      };
      gemm(options);
    }
  }
}
